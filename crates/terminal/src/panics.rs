//! Panics as one line.

/// Gives the message and place of every panic from now on to `tell`, on one line, in place of printing them with a backtrace.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// let told = Arc::new(Mutex::new(String::new()));
/// let last = Arc::clone(&told);
/// terminal::on_panic(move |line| line.clone_into(&mut last.lock().unwrap()));
/// let caught: std::thread::Result<()> = std::panic::catch_unwind(|| panic!("the sky\nfell"));
/// assert!(caught.is_err());
/// assert!(told.lock().unwrap().ends_with("the sky fell"));
/// ```
pub fn on_panic(tell: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| tell(&panic.to_string().replace('\n', " "))));
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_panic_is_one_line_with_its_message_and_place() {
        let (send, told) = mpsc::channel();
        on_panic(move |line| send.send(line.to_owned()).unwrap());
        let caught: std::thread::Result<()> = std::panic::catch_unwind(|| panic!("the sky\nfell"));
        let _printing_again = std::panic::take_hook();
        assert!(caught.is_err());
        let line = told.recv().unwrap();
        assert!(
            line.contains("panicked at crates/terminal/src/panics.rs:") && line.ends_with("the sky fell"),
            "{line}"
        );
        assert!(!line.contains('\n'), "{line}");
    }
}
