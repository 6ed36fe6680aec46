//! Files that are begun, interrupted and finished.

use super::*;
use crate::batch::record::tests::answer;

fn record(number: u64, p_leq: f32) -> Record {
    Record::from(&answer(number, p_leq, None))
}

fn identity(model: &str) -> Identity {
    let [engine, format, shard] = ["e", "csv", ""].map(str::to_owned);
    Identity { model_sha256: model.to_owned(), engine, format, shard }
}

#[test]
fn a_file_appears_when_it_is_finished_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let mut sink = Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap();
    sink.write(&[record(1, 0.5)]).unwrap();
    assert!(!path.exists());
    sink.finish().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_interrupted_file_goes_on_after_its_last_whole_line() {
    for format in [Format::Csv, Format::Jsonl] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut sink = Sink::file(&path, format, &identity("m"), Earlier::Keep).unwrap();
        sink.write(&[record(1, 0.5), record(2, 0.25)]).unwrap();
        drop(sink);
        let part = partial(&path);
        let length = std::fs::metadata(&part).unwrap().len();
        File::options().write(true).open(&part).unwrap().set_len(length - 3).unwrap();
        let mut rows = Vec::new();
        let resumed = Sink::resume(&path, format, &identity("m"), |record| {
            rows.push(record.row);
            true
        });
        assert_eq!(rows, [1], "{format:?}");
        let mut sink = resumed.unwrap();
        sink.write(&[record(2, 0.25)]).unwrap();
        sink.finish().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length, "{format:?}");
    }
}

#[test]
fn another_model_or_other_rows_are_not_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    drop(Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap());
    let refused = Sink::resume(&path, Format::Csv, &identity("n"), |_| true).err().unwrap();
    assert!(refused.to_string().contains("another model"), "{refused}");
    let shard = Identity { shard: "2/4".to_owned(), ..identity("m") };
    let refused = Sink::resume(&path, Format::Csv, &shard, |_| true).err().unwrap();
    assert!(refused.to_string().contains("another shard"), "{refused}");
    let mut sink = Sink::file(&path, Format::Csv, &identity("m"), Earlier::Keep).unwrap();
    sink.write(&[record(1, 0.5)]).unwrap();
    drop(sink);
    let refused = Sink::resume(&path, Format::Csv, &identity("m"), |_| false).err().unwrap();
    assert!(refused.to_string().contains("row 1 was another pair"), "{refused}");
}

fn file(path: &Path, earlier: Earlier) -> Result<Sink, SinkError> {
    Sink::file(path, Format::Csv, &identity("m"), earlier)
}

#[test]
fn rows_of_an_unfinished_run_are_dropped_only_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    file(&path, Earlier::Keep).unwrap().write(&[record(1, 0.5)]).unwrap();
    let before = std::fs::read(partial(&path)).unwrap();
    let refused = file(&path, Earlier::Keep).err().unwrap();
    assert!(matches!(refused, SinkError::Unfinished(_)), "{refused}");
    assert_eq!(std::fs::read(partial(&path)).unwrap(), before);
    file(&path, Earlier::Overwrite).unwrap();
    // A header alone is nothing to lose.
    file(&path, Earlier::Keep).unwrap().finish().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), head(Format::Csv));
}

#[test]
fn what_no_run_left_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    for (beside, foreign) in [(partial(&path), "notes"), (identity_file(&path), "{\"pairs\": []}")] {
        std::fs::write(&beside, foreign).unwrap();
        assert!(file(&path, Earlier::Keep).is_err());
        assert_eq!(std::fs::read_to_string(&beside).unwrap(), foreign);
        std::fs::remove_file(beside).unwrap();
    }
    std::fs::write(identity_file(&path), "[]").unwrap();
    let refused = file(&path, Earlier::Overwrite).err().unwrap().to_string();
    assert!(refused.contains("it is not of an earlier run") && !partial(&path).exists(), "{refused}");
    // A loss of power leaves an identity that is empty or torn, and a header.
    for torn in ["", "{\"model_s", "{\"model_sha256\":\"m\",\"eng"] {
        std::fs::write(identity_file(&path), torn).unwrap();
        std::fs::write(partial(&path), "row,left").unwrap();
        file(&path, Earlier::Keep).unwrap().finish().unwrap();
    }
}

#[test]
fn a_second_run_into_the_same_file_is_refused_while_the_first_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv");
    let mut first = file(&path, Earlier::Keep).unwrap();
    first.write(&[record(1, 0.5)]).unwrap();
    for earlier in [Earlier::Keep, Earlier::Overwrite] {
        assert!(matches!(file(&path, earlier), Err(SinkError::Busy(_))));
    }
    let resumed = Sink::resume(&path, Format::Csv, &identity("m"), |_| true);
    assert!(matches!(resumed, Err(SinkError::Busy(_))));
    first.finish().unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_followed_modes_kept_and_no_partial_file_is_opened_through_a_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let [link, target, victim] = ["link.csv", "target.csv", "victim"].map(|name| folder.path().join(name));
    std::fs::write(&target, "old").unwrap();
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).unwrap();
    symlink("target.csv", &link).unwrap();
    file(&link, Earlier::Keep).unwrap().finish().unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read(&target).unwrap(), head(Format::Csv));
    assert_eq!(std::fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);

    std::fs::write(&victim, "precious").unwrap();
    symlink("victim", partial(&target)).unwrap();
    symlink("victim", identity_file(&target)).unwrap();
    assert!(file(&target, Earlier::Keep).is_err());
    assert!(Sink::resume(&target, Format::Csv, &identity("m"), |_| true).is_err());
    file(&target, Earlier::Overwrite).unwrap().finish().unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
}
