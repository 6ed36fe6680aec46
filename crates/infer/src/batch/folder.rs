//! Pairs in a folder: two pictures of a subfolder, or two files whose names say left and right.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::Row;

/// Endings of file names that are looked at.
const PICTURES: [&str; 14] =
    ["png", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "qoi", "bmp", "pbm", "pgm", "ppm", "pnm", "pam"];

/// Last part of a file's name, before its ending, of the first and of the second picture; after `-` or `_`.
const SIDES: [[&str; 2]; 4] = [["left", "right"], ["first", "second"], ["a", "b"], ["1", "2"]];

/// All pairs of a folder, by name. A picture without a partner is a row with a fault.
pub(super) fn rows(folder: &Path) -> io::Result<Vec<Row>> {
    let mut found: BTreeMap<PathBuf, [Vec<PathBuf>; 2]> = BTreeMap::new();
    let mut rows: Vec<([PathBuf; 2], Option<String>)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rows.extend(pair_of(&path)?);
        } else if is_picture(&path) {
            match side(&path) {
                Some((key, side)) => found.entry(key).or_default()[side].push(path),
                None => rows.push(alone(path, "its name says neither left nor right")),
            }
        }
    }
    for sides in found.into_values() {
        match sides.map(|mut paths| (paths.pop(), paths)) {
            [(Some(left), more), (Some(right), others)] if more.is_empty() && others.is_empty() => {
                rows.push(([left, right], None));
            }
            sides => {
                let all = sides.into_iter().flat_map(|(one, more)| more.into_iter().chain(one));
                rows.extend(all.map(|path| alone(path, "it has no partner, or several")));
            }
        }
    }
    rows.sort();
    let numbered = (1..).zip(rows);
    Ok(numbered.map(|(number, (pictures, fault))| Row { number, pictures, truth: None, fault }).collect())
}

fn alone(path: PathBuf, why: &str) -> ([PathBuf; 2], Option<String>) {
    ([path, PathBuf::new()], Some(format!("no pair: {why}")))
}

/// A subfolder's two pictures by name; nothing for a folder without pictures.
fn pair_of(folder: &Path) -> io::Result<Option<([PathBuf; 2], Option<String>)>> {
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        pictures.extend(Some(entry?.path()).filter(|path| is_picture(path)));
    }
    pictures.sort();
    let count = pictures.len();
    Ok(match <[PathBuf; 2]>::try_from(pictures) {
        Ok(pair) => Some((pair, None)),
        Err(_) if count == 0 => None,
        Err(_) => Some(alone(folder.to_owned(), &format!("the folder holds {count} pictures, a pair has 2"))),
    })
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    PICTURES.contains(&ending.as_str())
}

/// What both pictures of a pair are called, and which of them this is.
fn side(path: &Path) -> Option<(PathBuf, usize)> {
    let stem = path.file_stem()?.to_str()?;
    let (pair, last) = stem.rsplit_once(['-', '_'])?;
    let last = last.to_lowercase();
    let (kind, side) = SIDES
        .iter()
        .enumerate()
        .find_map(|(kind, names)| names.iter().position(|name| *name == last).map(|side| (kind, side)))?;
    // `3-left` and `3-b` are no pair.
    Some((path.with_file_name(format!("{pair}/{kind}")), side))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rows: &[Row]) -> Vec<[String; 2]> {
        let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        rows.iter().map(|row| row.pictures.each_ref().map(name)).collect()
    }

    #[test]
    fn pairs_are_found_by_subfolder_and_by_name_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("z")).unwrap();
        for name in ["b_right.png", "b_left.jpg", "a-1.png", "a-2.png", "z/one.png", "z/two.png", "note.txt", "c-a.png"]
        {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let rows = rows(folder.path()).unwrap();
        let wanted = [["a-1.png", "a-2.png"], ["b_left.jpg", "b_right.png"], ["c-a.png", ""], ["one.png", "two.png"]];
        assert_eq!(names(&rows), wanted.map(|pair| pair.map(str::to_owned)));
        let faults: Vec<bool> = rows.iter().map(|row| row.fault.is_some()).collect();
        assert_eq!(faults, [false, false, true, false]);
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn a_subfolder_of_three_pictures_is_no_pair() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("x")).unwrap();
        for name in ["x/1.png", "x/2.png", "x/3.png"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let rows = rows(folder.path()).unwrap();
        assert!(rows[0].fault.as_ref().unwrap().contains("holds 3 pictures"), "{rows:?}");
    }
}
