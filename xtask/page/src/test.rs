//! The step `web`: the page, built, served below a path on loopback, and used in a real browser.

mod checks;
mod gestures;
mod parity;
mod words;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use setup::run::say;
use setup::{Project, Tally};

use crate::build::{build, write_mnist_file};
use crate::models::Models;
use crate::server::Server;
use crate::site::{File, Site};
use crate::webdriver::{Driver, Session};
use checks::{
    anchors, builds, drawing, embedding, firefox, first_screen, fooling, game, hosts, images, inside, keyboard, links,
    loading, looks, own_network, painting, states, stillness, table, tasks, updates,
};

/// Where the page is mounted: a sub-path, as on GitHub Pages.
const PREFIX: &str = "/leq/";

/// What every check gets.
pub struct Stage<'a> {
    project: &'a Project,
    server: &'a Server,
    site: &'a Site,
    models: &'a Models,
    driver: &'a Driver,
}

impl Stage<'_> {
    /// The page's address.
    fn page(&self) -> String {
        format!("{}{PREFIX}", self.server.origin())
    }

    /// A new browser, with nothing kept from before.
    fn browser(&self) -> Result<Session> {
        self.driver.session()
    }

    /// A new browser with the page in it, ready to answer and empty.
    fn open_page(&self) -> Result<Session> {
        let browser = self.browser()?;
        self.open_in(&browser)?;
        Ok(browser)
    }

    /// Opens the page and empties it of its example.
    fn open_in(&self, browser: &Session) -> Result<()> {
        browser.open(&self.page())?;
        self.clear(browser)
    }

    /// Waits until the page answers, and empties it.
    fn clear(&self, browser: &Session) -> Result<()> {
        browser.wait_for("the network", "return document.getElementById('answer').dataset.reading !== undefined")?;
        // The example begins with the frame after the network's arrival.
        std::thread::sleep(Duration::from_millis(100));
        browser.click("#clear-both")?;
        browser.wait_for("an empty page", checks::EMPTY)
    }
}

type Check = fn(&Stage<'_>) -> Result<()>;

const CHECKS: &[(&str, Check)] = &[
    ("a first visit is small", loading::size),
    ("the first answer waits for few files", loading::requests),
    ("the WebAssembly holds no path of its builder", builds::no_paths),
    ("two folders give one version", builds::two_folders),
    ("pads, answer and tools are on the first screen", first_screen::fits),
    ("an example is drawn, can be skipped, and drawn over", first_screen::example),
    ("without motion the example stands still", first_screen::example_without_motion),
    ("drawings survive a reload", first_screen::survives_a_reload),
    ("links to parts leave drawings and history alone", first_screen::links_to_parts),
    ("digits drawn with the mouse are read and compared", drawing::mouse),
    ("digits drawn with a finger are too, and the page does not scroll", drawing::touch),
    ("a pen that presses harder draws wider", drawing::pen),
    ("undo, redo, eraser, swap and clear do what they say", drawing::tools),
    ("undoing goes back through both drawings", drawing::undo_after_swap),
    ("a tap leaves ink", drawing::tap),
    ("a drawing that grows is painted as it is at once", painting::grows),
    ("a full drawing says so", drawing::full_drawing),
    ("cells are painted by dragging", drawing::cells_by_dragging),
    ("cells follow what is changed elsewhere", drawing::cells_follow),
    ("undoing waits for the pen", drawing::history_waits),
    ("pads and tools never move", stillness::pads_stay),
    ("nor do they for networks without digits or in contradiction", stillness::pads_stay_for_others),
    ("help that comes late moves nothing", stillness::help_comes_below),
    ("a line goes on as it began whatever moves", stillness::a_line_stays),
    ("one digit alone is named, a blot is said to be none", states::one_alone_and_a_blot),
    ("ink without a digit is said, an erased pad is empty", states::ink_without_a_digit),
    ("two digits in one pad are said", states::two_in_one_pad),
    ("a digit that may be another is not read clearly", states::unclear),
    ("letters, hearts and dashes are not read clearly", states::no_digits),
    ("sentence and probability are one truth", states::one_truth),
    ("MNIST's samples come with their labels, mistakes among them", drawing::samples),
    ("the parts under 'why' add up", drawing::why),
    ("the network is seen at work, value by value", inside::at_work),
    ("on a phone one layer is shown at a time", inside::on_a_phone),
    ("each digit's own weights have a box of their own", inside::whose_weights),
    ("what cannot be seen of a network is said", inside::what_is_not_seen),
    ("other networks are picked and dropped", inside::picked_and_dropped),
    ("a network comes when it is chosen, and not before", inside::fetched_when_chosen),
    ("files of networks may say anything about themselves", own_network::odd_descriptions),
    ("files that are no networks are refused, and the page goes on", own_network::refused),
    ("a file of a network is opened with a button", own_network::opened),
    ("a network that answers nonsense is replaced by the page's own", own_network::nonsense),
    ("200 pairs tell the finding", inside::finding),
    ("runs of 200 pairs stay in step", inside::runs_in_step),
    ("ten hard pairs are played against the network and the clock", game::round),
    ("a round is shared and played by somebody else", game::shared),
    ("links to rounds that are not whole are refused", game::hostile_rounds),
    ("one plays against the page's own network", game::own_network_plays),
    ("what fools the network is kept, saved and shared", fooling::gallery),
    ("pairs that are named come up in the round", fooling::own_in_the_round),
    ("the answers are saved as CSV and JSON", table::files),
    ("the page runs inside pages of others", embedding::in_a_page_of_another),
    ("parts open by their anchors", anchors::parts),
    ("links, icons and the picture for previews lead somewhere", anchors::links_and_pictures),
    ("the four tasks are done with the keyboard alone, from the page's words", tasks::keyboard),
    ("the four tasks are done with a finger alone, from the page's words", tasks::finger),
    ("the four tasks are done with the mouse alone, from the page's words", tasks::mouse),
    ("photos are dropped and pasted", images::dropped_and_pasted),
    ("a photo of two digits fills both pads", images::two_in_one),
    ("a file that is no picture is refused", images::refused),
    ("a photo that comes during the example stays", images::during_the_example),
    ("a photo that comes before the network waits for it", images::before_the_network),
    ("photos replace nothing that is drawn", images::none_is_lost),
    ("what comes too late replaces nothing", images::too_late),
    ("all is done with the keyboard alone", keyboard::keyboard),
    ("axe finds nothing serious", keyboard::accessibility),
    ("axe finds nothing serious in play", keyboard::accessibility_of_play),
    ("a shared link brings the same drawings", links::link),
    ("the largest drawings are shared and kept", links::large_drawings),
    ("the confirmation of a copied link is seen and goes", links::confirmation),
    ("a notice covers nothing that has the focus", links::notice_and_focus),
    ("cut, huge and hostile links do no harm", links::hostile_links),
    ("nothing is asked of others, and the policy has nothing to report", loading::network_and_policy),
    ("it works offline after the first visit, all of it", loading::offline),
    ("what is not there offline is said, and comes", loading::offline_too_soon),
    ("it can be installed", loading::installable),
    ("a new version is offered, and the old one works until then", updates::offered),
    ("other tabs go on when one takes a new version", updates::other_tabs),
    ("a page whose files are gone says so", updates::gone),
    ("drawings survive a reload where storage is full", updates::storage_is_full),
    ("a damaged or missing file is said in words", loading::damaged_files),
    ("without its network the page says so, and goes on", loading::network_failed),
    ("a page opened as a file explains itself", hosts::from_a_file),
    ("a missing module leaves no blank page", hosts::missing_module),
    ("a part that does not come says so in its place", hosts::missing_part),
    ("frames and strict policies are told apart", hosts::frames_and_policies),
    ("a slow connection is explained", hosts::slow_connection),
    ("a browser without WebAssembly is told", loading::no_webassembly),
    ("a trap in WebAssembly is said, and the drawings are kept", loading::trap),
    ("100 pairs agree with infer compare on the saved PNGs", parity::with_infer),
    ("1,000 pairs agree with native evaluation", parity::with_native_evaluation),
    ("it fits on every screen", looks::every_width),
    ("large text fits on a phone", looks::large_text),
    ("forced colours hide nothing", looks::forced_colours),
    ("Firefox: digits drawn with the mouse are read and compared", firefox::draws),
    ("Firefox: 200 pairs tell the finding", firefox::compares),
    ("Firefox: it works offline after the first visit, all of it", firefox::offline),
    ("Firefox: a shared link brings the same drawings", firefox::link),
    ("Firefox: a photo of two digits fills both pads", firefox::photo),
    ("Firefox: a first visit is offered no new version", firefox::first_visit),
    ("Firefox: nothing is asked of others, and the policy holds", firefox::policy),
];

/// What takes pictures for people to look at, and checks nothing: carried out only where [`CHOICE`] names it.
const PICTURES: &[(&str, Check)] = &[
    ("pictures of the page", looks::pictures),
    ("pictures of networks at work", looks::pictures_of_networks),
    ("pictures of play", looks::pictures_of_play),
];

/// Checks under way at a time: most wait for a browser, which waits for animations.
const AT_ONCE: usize = 2;

/// For work on the page: chooses checks by words of their names, several with commas between; all of them if it is not set.
/// `pictures of` takes the pictures.
const CHOICE: &str = "LEQ_WEB_CHECKS";
/// For work on the checks: takes the page as it was built last, if it is set.
const AS_BUILT: &str = "LEQ_WEB_AS_BUILT";

/// Builds and serves the page, and runs every check in a browser of its own.
///
/// # Errors
/// When the page cannot be built or served, or no browser can be started.
pub fn check(project: &Project) -> Result<Tally> {
    let is_built = std::env::var_os(AS_BUILT).is_some();
    let folder = if is_built { project.target_dir().join("web") } else { build(project)? };
    let site = Site::read(&folder)?;
    say(&site.size_table());
    let server = Server::start(0).context("cannot listen on loopback")?;
    server.mount(PREFIX, &site);
    let reference = project.target_dir().join("web-parts/reference.bin");
    let models = Models::of(project)?;
    if !is_built {
        write_mnist_file(project, "reference", &models.default, &reference)?;
    }
    let contents = std::fs::read(&reference).with_context(|| format!("cannot read {}", reference.display()))?;
    server.add(&format!("{PREFIX}test/reference.bin"), File::new("reference.bin", contents));
    let driver = Driver::start(&setup::browser(project)?)?;
    let stage = Stage { project, server: &server, site: &site, models: &models, driver: &driver };
    Ok(carry_out(&stage, &chosen(std::env::var(CHOICE).ok().as_deref())))
}

/// The checks whose names hold one of the texts in `choice`, pictures among them; without a choice all checks.
fn chosen(choice: Option<&str>) -> Vec<&'static (&'static str, Check)> {
    let Some(choice) = choice else { return CHECKS.iter().collect() };
    let is_chosen = |name: &str| choice.split(',').any(|words| name.contains(words.trim()));
    CHECKS.iter().chain(PICTURES).filter(|(name, _)| is_chosen(name)).collect()
}

/// Carries out the checks, several at a time, each in browsers of its own.
fn carry_out(stage: &Stage<'_>, checks: &[&(&str, Check)]) -> Tally {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut tally = Tally::default();
        while let Some((name, check)) = checks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            let result = check(stage);
            let time = start.elapsed().as_secs_f64();
            match result {
                Ok(()) => {
                    say(&format!("{name} ... ok ({time:.1} s)"));
                    tally += Tally::PASSED;
                }
                Err(fault) => {
                    say(&format!("{name} ... FAILED: {fault:#}"));
                    tally += Tally::FAILED;
                }
            }
        }
        tally
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        // A worker that panicked has said so; its check counts as failed.
        let tallies = workers.into_iter().map(|worker| worker.join().unwrap_or(Tally::FAILED));
        tallies.fold(Tally::default(), |mut all, tally| {
            all += tally;
            all
        })
    })
}
