//! Pictures that cannot be compared: each is named, the exit code is 1.

use image::{DynamicImage, GrayImage, Luma};

use crate::support::{Folder, compare, digit, run};

/// Compares the bad file with a good one, both ways round.
fn refused(folder: &Folder, bad: &std::path::Path, parts: &[&str]) {
    let name = bad.display().to_string();
    let parts: Vec<&str> = parts.iter().copied().chain([name.as_str()]).collect();
    compare(bad, folder.path("two.png")).fails(1, &parts);
    compare(folder.path("two.png"), bad).fails(1, &parts);
}

#[test]
fn a_missing_file_is_refused_by_name() {
    let folder = Folder::new();
    refused(&folder, &folder.path("absent.png"), &["no such file"]);
}

#[test]
fn a_folder_is_refused_by_name() {
    let folder = Folder::new();
    refused(&folder, &folder.path(""), &["is a folder"]);
}

#[test]
fn an_empty_file_is_refused_by_name() {
    let folder = Folder::new();
    let empty = folder.write("empty.png", []);
    refused(&folder, &empty, &["is empty"]);
}

#[test]
fn a_text_file_named_png_is_refused_as_no_image() {
    let folder = Folder::new();
    let text = folder.write("text.png", "3 <= 7\n");
    refused(&folder, &text, &["is not an image", "PNG, JPEG, WebP, GIF, TIFF, BMP, QOI and PNM"]);
}

#[test]
fn an_image_of_another_format_is_refused_with_the_way_out() {
    let folder = Folder::new();
    let heic = folder.write("IMG_0001.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    refused(&folder, &heic, &["is a HEIC photo, which cannot be read; export it as JPEG"]);
    let svg = folder.write("digit.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    refused(&folder, &svg, &["is an SVG drawing", "rsvg-convert"]);
}

#[test]
fn webp_gif_tiff_and_qoi_are_read() {
    let folder = Folder::new();
    for ending in ["webp", "gif", "tif", "qoi"] {
        let path = folder.path(format!("seven.{ending}"));
        let image = DynamicImage::from(digit(0));
        let image = if ending == "tif" { image } else { DynamicImage::from(image.to_rgba8()) };
        image.save(&path).unwrap();
        let said = compare(folder.path("two.png"), &path).succeeds();
        assert!(said.starts_with("2 <= 7"), "{ending}: {said}");
    }
}

#[test]
fn an_image_cut_short_is_refused_in_every_format() {
    let folder = Folder::new();
    let image = DynamicImage::from(digit(0)).resize(300, 300, image::imageops::FilterType::Triangle);
    for name in ["a.png", "b.jpg", "c.bmp", "d.pgm", "e.ppm"] {
        let image = if name == "e.ppm" { DynamicImage::from(image.to_rgb8()) } else { image.clone() };
        let path = folder.path(name);
        image.save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in [bytes.len() / 2, bytes.len() * 9 / 10] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            refused(&folder, &path, &["is cut short"]);
        }
    }
}

#[test]
fn a_damaged_image_is_refused_as_damaged() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(folder.path("seven.png")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].copy_from_slice(b"damaged!");
    let damaged = folder.write("damaged.png", bytes);
    refused(&folder, &damaged, &["is a damaged PNG image"]);
}

#[test]
fn an_image_of_60000_by_60000_is_refused_before_it_is_decoded() {
    let folder = Folder::new();
    let huge = [
        ("huge.png", png_of_60000()),
        ("huge.pgm", b"P5 60000 60000 255\n\0\0\0\0".to_vec()),
        ("huge.bmp", bmp_of_60000()),
        ("huge.jpg", jpeg_of_60000()),
    ];
    for (name, bytes) in huge {
        let path = folder.write(name, bytes);
        refused(&folder, &path, &["is 60000 x 60000 pixels", "scale it down"]);
    }
}

/// A PNG that claims 60,000 x 60,000 grey pixels and holds a few bytes.
fn png_of_60000() -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let body = [&kind[..], data].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&body);
        [&(data.len() as u32).to_be_bytes()[..], &body, &crc.sum().to_be_bytes()].concat()
    };
    let side = 60_000u32.to_be_bytes();
    let header = [&side[..], &side, &[8, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &[0x78, 0x9C]), chunk(b"IEND", &[])]
        .concat()
}

/// The header of a 24-bit BMP.
fn bmp_of_60000() -> Vec<u8> {
    let side = 60_000i32.to_le_bytes();
    let file = [&b"BM"[..], &[0; 8], &54u32.to_le_bytes()].concat();
    let info = [&40u32.to_le_bytes()[..], &side, &side, &1u16.to_le_bytes(), &24u16.to_le_bytes(), &[0; 24]].concat();
    [file, info].concat()
}

/// A grey JPEG up to and including its frame header.
fn jpeg_of_60000() -> Vec<u8> {
    let side = 60_000u16.to_be_bytes();
    let frame = [&[0xFF, 0xC0, 0, 11, 8][..], &side, &side, &[1, 1, 0x11, 0]].concat();
    [&[0xFF, 0xD8][..], &frame, &[0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0xFF, 0xD9]].concat()
}

#[test]
fn an_all_white_and_an_all_black_image_have_no_ink() {
    let folder = Folder::new();
    for (name, level) in [("white.png", 255), ("black.png", 0), ("grey.png", 127)] {
        let path = folder.path(name);
        GrayImage::from_pixel(28, 28, Luma([level])).save(&path).unwrap();
        refused(&folder, &path, &["no ink found"]);
    }
}

#[test]
fn a_transparent_image_has_no_ink() {
    let folder = Folder::new();
    let path = folder.path("nothing.png");
    image::RgbaImage::new(40, 40).save(&path).unwrap();
    refused(&folder, &path, &["no ink found"]);
}

#[test]
fn two_bad_files_are_both_named() {
    let folder = Folder::new();
    let empty = folder.write("empty.png", []);
    let ran = compare(&empty, folder.path("absent.png"));
    ran.fails(1, &["empty.png: is empty", "absent.png: no such file"]);
    assert_eq!(ran.stderr.lines().count(), 2, "{ran:?}");
}

#[test]
fn a_bad_picture_leaves_stdout_empty_with_json_too() {
    let folder = Folder::new();
    let mut command = crate::support::infer();
    command.args(["compare", "--json"]).args([folder.path("two.png"), folder.path("absent.png")]);
    run(&mut command).fails(1, &["absent.png: no such file"]);
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_waited_for() {
    let folder = Folder::new();
    let pipe = folder.path("pipe.png");
    crate::support::make_pipe(&pipe);
    refused(&folder, &pipe, &["is a pipe, not a file; write - to read a picture from stdin"]);
    refused(&folder, std::path::Path::new("/dev/zero"), &["is a device, not a file"]);
    // A list may name neither, nor what is open in this process.
    let pairs = folder.write("pairs.csv", "pipe.png,two.png\n/dev/stdin,two.png\n/dev/zero,two.png\n");
    let mut command = crate::support::infer();
    let ran = run(command.arg("batch").arg(&pairs).stdin(std::process::Stdio::piped()));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.stdout.matches("not a file").count(), 3, "{ran:?}");
}

/// A picture that takes 372 MB where there are 300: a drawing of one colour, which is short as a file.
#[cfg(target_os = "linux")]
#[test]
fn lack_of_memory_is_a_sentence_and_exit_code_3() {
    const RUN: usize = 62;
    let folder = Folder::new();
    let (width, height) = (12_400u32, 10_000u32);
    let runs = vec![0xFD; width as usize * height as usize / RUN];
    let header = [&b"qoif"[..], &width.to_be_bytes(), &height.to_be_bytes(), &[3, 0]].concat();
    let large = folder.write("large.qoi", [header, runs, vec![0, 0, 0, 0, 0, 0, 0, 1]].concat());
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -v 300000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_infer")]);
    let ran = run(command.arg("compare").arg(folder.path("two.png")).arg(&large));
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{ran:?}");
    assert_eq!(ran.stderr, "infer: out of memory; finished rows of `batch -o` are kept, see --resume\n");
}
