//! Which format a file's first bytes are of.

use image::ImageFormat;

use super::error::{OtherFormat, PictureError};

/// JPEG's name, the one format whose end is checked apart.
pub(super) const JPEG: &str = "JPEG";

const HEIC: OtherFormat = OtherFormat {
    name: "a HEIC photo",
    way_out: "export it as JPEG, or set the phone to take JPEG (iPhone: Settings, Camera, Formats, Most Compatible)",
};
const AVIF: OtherFormat =
    OtherFormat { name: "an AVIF image", way_out: "convert it to PNG, for example with `avifdec FILE digit.png`" };
const JPEG_XL: OtherFormat =
    OtherFormat { name: "a JPEG XL image", way_out: "convert it to PNG, for example with `djxl FILE digit.png`" };
const JPEG_2000: OtherFormat = OtherFormat {
    name: "a JPEG 2000 image",
    way_out: "convert it to PNG, for example with `opj_decompress -i FILE -o digit.png`",
};
const PDF: OtherFormat = OtherFormat {
    name: "a PDF document",
    way_out: "save its page as PNG, for example with `pdftoppm -png FILE digit`",
};
const SVG: OtherFormat = OtherFormat {
    name: "an SVG drawing",
    way_out: "export it as PNG, for example with `rsvg-convert FILE -o digit.png`",
};
const POSTSCRIPT: OtherFormat =
    OtherFormat { name: "a PostScript document", way_out: "convert it to PNG, for example with Ghostscript" };
const PFM: OtherFormat = OtherFormat { name: "a PFM image", way_out: "convert it to PNG" };
const PSD: OtherFormat = OtherFormat { name: "a Photoshop document", way_out: "export it as PNG" };
const XCF: OtherFormat = OtherFormat { name: "a GIMP document", way_out: "export it as PNG" };
const VIDEO: OtherFormat = OtherFormat { name: "a video", way_out: "save one of its frames as PNG" };
const ARCHIVE: OtherFormat = OtherFormat { name: "an archive", way_out: "unpack it and name an image file" };
const ICON: OtherFormat = OtherFormat { name: "an icon", way_out: "save it as PNG" };
const OTHER: OtherFormat = OtherFormat { name: "an image of a rare format", way_out: "save it as PNG" };

/// First bytes and what they mean; those of the boxes of HEIC, AVIF and videos are looked at apart.
const BEGINNINGS: &[(&[u8], &OtherFormat)] = &[
    (b"\0\0\0\x0CJXL \r\n\x87\n", &JPEG_XL),
    (b"\xFF\x0A", &JPEG_XL),
    (b"\0\0\0\x0CjP  \r\n\x87\n", &JPEG_2000),
    (b"\xFF\x4F\xFF\x51", &JPEG_2000),
    (b"%PDF-", &PDF),
    (b"%!PS", &POSTSCRIPT),
    (b"\xC5\xD0\xD3\xC6", &POSTSCRIPT),
    (b"PF\n", &PFM),
    (b"Pf\n", &PFM),
    (b"8BPS", &PSD),
    (b"gimp xcf", &XCF),
    (b"PK\x03\x04", &ARCHIVE),
    (b"\x1F\x8B", &ARCHIVE),
    (b"\0\0\x01\0", &ICON),
];

/// The format of a file and its name, if a decoder reads it.
///
/// # Errors
/// [`PictureError::OtherFormat`] and [`PictureError::NotAnImage`].
pub(super) fn of(bytes: &[u8]) -> Result<(ImageFormat, &'static str), PictureError> {
    if let Some(other) = other(bytes) {
        return Err(PictureError::OtherFormat(other));
    }
    let format = image::guess_format(bytes).map_err(|_| PictureError::NotAnImage)?;
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::Jpeg => JPEG,
        ImageFormat::Bmp => "BMP",
        ImageFormat::Pnm => "PNM",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        ImageFormat::Tiff => "TIFF",
        ImageFormat::Qoi => "QOI",
        _ => return Err(PictureError::OtherFormat(&OTHER)),
    };
    Ok((format, name))
}

fn other(bytes: &[u8]) -> Option<&'static OtherFormat> {
    if let Some((_, format)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return Some(format);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Some(match bytes.get(8..12)? {
            b"avif" | b"avis" => &AVIF,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" | b"mif1" | b"msf1" => &HEIC,
            b"jp2 " | b"jpx " => &JPEG_2000,
            _ => &VIDEO,
        });
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let start = &text[..text.len().min(1024)];
    (start.starts_with(b"<") && start.windows(4).any(|word| word == b"<svg")).then_some(&SVG)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> String {
        of(bytes).map_or_else(|error| error.to_string(), |(_, name)| name.to_owned())
    }

    #[test]
    fn formats_that_are_not_read_are_named_with_the_way_out() {
        let cases: [(&[u8], &str); 9] = [
            (b"\0\0\0\x18ftypheic", "a HEIC photo"),
            (b"\0\0\0\x18ftypmif1", "a HEIC photo"),
            (b"\0\0\0\x18ftypavif", "an AVIF image"),
            (b"\0\0\0\x18ftypmp42", "a video"),
            (b"\xFF\x0Axx", "a JPEG XL image"),
            (b"\xFF\x4F\xFF\x51", "a JPEG 2000 image"),
            (b"%PDF-1.7", "a PDF document"),
            (b"\xEF\xBB\xBF <?xml version=\"1.0\"?>\n<!-- a -->\n<svg>", "an SVG drawing"),
            (b"Pf\n2 2\n-1\n", "a PFM image"),
        ];
        for (bytes, wanted) in cases {
            let said = name(bytes);
            assert!(said.starts_with(&format!("is {wanted}, which cannot be read; ")), "{said}");
        }
        assert!(name(b"<html>").contains("no known image format"));
    }

    #[test]
    fn formats_that_are_read_have_their_names() {
        assert_eq!(name(b"GIF89a"), "GIF");
        assert_eq!(name(b"RIFF\0\0\0\0WEBP"), "WebP");
        assert_eq!(name(b"qoif"), "QOI");
        assert_eq!(name(b"II*\0"), "TIFF");
    }
}
