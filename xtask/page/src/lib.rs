//! The page of leq: built into a folder that any static host can serve ([`build()`]), served on this machine ([`Server`]),
//! opened in browsers ([`Driver`]), and checked in them ([`check`]).

mod build;
mod bundle;
mod marks;
mod models;
mod modules;
mod offline;
mod parts;
mod pictures;
mod publication;
mod records;
mod remap;
mod server;
mod site;
mod test;
mod webdriver;

pub use build::{build, build_for, write_mnist_file};
pub use models::Models;
pub use pictures::take_pictures;
pub use publication::Addresses;
pub use server::Server;
pub use site::{File, Site};
pub use test::check;
pub use webdriver::{Driver, Session};
