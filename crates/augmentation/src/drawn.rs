//! Images drawn by programs that join the training: non-digits, digits in forms that MNIST hardly has, and the training's own
//! digits as they are read from photos of paper.

use digits::drawn::{DigitForm, Digits, KINDS, NonDigit, NonDigitKind};
use digits::{Picture, Prepared, Revision, SIDE};
use mnist::PairSet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::switch::{Switchable, is_default};
use crate::written::photographed;
use random::Stream;

const IMAGE_PIXELS: usize = SIDE * SIDE;
/// Images drawn of one sort at most.
const MOST: usize = 1_000_000;

/// How many images are drawn, and how often they are met.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DrawnSettings {
    /// Non-digits drawn before the first step, in turn of every kind that training has.
    #[schemars(extend("unit" = "images"))]
    pub non_digits: usize,
    /// Non-digits in a step, as a fraction of its digits; they are drawn at random and distorted as digits are.
    #[schemars(extend("unit" = "fraction"))]
    pub non_digit_share: f32,
    /// Fraction of the non-digits that preparation reads from a picture, as the tools do: it may take them apart, thin them or
    /// lose some of their ink. The others are framed whole, as are all made of digits: preparation may find one of the digits.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "fraction", "default" = 0.0))]
    pub prepared_share: f32,
    /// Whether of what preparation reads only those are taken of which it takes nearly all ink: a part may be a digit by itself, as
    /// a bar of a fence is a 1.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("default" = false))]
    pub whole: bool,
    /// Whether the kinds are met too that are otherwise left out, to measure how a network takes what it has never met.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("default" = false))]
    pub all_kinds: bool,
    /// Digits in other forms drawn before the first step.
    #[schemars(extend("unit" = "images"))]
    pub forms: usize,
    /// Probability that a digit gives its place in a step to one of the same class in another form.
    #[schemars(extend("unit" = "probability"))]
    pub form_chance: f32,
    /// Digits of the training that are written on paper, photographed and read by preparation before the first step, on papers
    /// of every kind in turn. What preparation reads beside them, such as the corner of a table, joins the non-digits.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "images", "default" = 0))]
    pub photos: usize,
    /// Probability that a digit gives its place in a step to one of the same class from a photo.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(extend("unit" = "probability", "default" = 0.0))]
    pub photo_chance: f32,
    /// Revision of preparation's rules by which the drawn pictures are read. The tools read with the newest; a network that was
    /// trained with an older one is built again to the same bytes.
    #[serde(skip_serializing_if = "is_default")]
    #[schemars(with = "u32", extend("unit" = "revision", "default" = 1))]
    pub preparation: Revision,
}

impl Default for DrawnSettings {
    fn default() -> Self {
        Self::EVERYBODY
    }
}

impl Switchable for DrawnSettings {
    fn on() -> Self {
        Self::EVERYBODY
    }
}

impl DrawnSettings {
    /// What suits a network that meets everybody's paper.
    pub const EVERYBODY: Self = Self {
        non_digits: 20_000,
        non_digit_share: 0.25,
        prepared_share: 0.0,
        whole: false,
        all_kinds: false,
        forms: 6_000,
        form_chance: 0.04,
        photos: 0,
        photo_chance: 0.0,
        preparation: Revision::First,
    };

    /// The setting that has no effect, and why.
    pub fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        if self.whole && self.prepared_share == 0.0 {
            return Some(("drawn.whole", "prepared_share is 0, so preparation reads no non-digit"));
        }
        if self.preparation != Revision::First && self.prepared_share == 0.0 && self.photos == 0 {
            return Some(("drawn.preparation", "prepared_share and photos are 0, so preparation reads nothing"));
        }
        match (self.photos == 0, self.photo_chance == 0.0) {
            (true, false) => Some(("drawn.photo_chance", "photos is 0, so there is no photo to take a digit from")),
            (false, true) => Some(("drawn.photos", "photo_chance is 0, so no digit of a photo is met")),
            _ => None,
        }
    }

    /// The first setting that is out of its range: its name, its value, and what is allowed.
    pub fn out_of_range(&self) -> Option<(&'static str, f32, &'static str)> {
        let counts = [("drawn.non_digits", self.non_digits), ("drawn.forms", self.forms)];
        let none = counts.into_iter().find(|(_, count)| *count == 0 || *count > MOST);
        let too_many = (self.photos > MOST).then_some(("drawn.photos", self.photos as f32, "0 to 1,000,000"));
        let fractions = [
            ("drawn.non_digit_share", self.non_digit_share),
            ("drawn.prepared_share", self.prepared_share),
            ("drawn.form_chance", self.form_chance),
            ("drawn.photo_chance", self.photo_chance),
        ];
        let no_fraction = fractions.into_iter().find(|(_, fraction)| !(0.0..=1.0).contains(fraction));
        none.map(|(field, count)| (field, count as f32, "1 to 1,000,000"))
            .or(too_many)
            .or_else(|| no_fraction.map(|(field, fraction)| (field, fraction, "0 to 1")))
    }
}

/// The images drawn for one training.
#[derive(Debug)]
pub struct DrawnImages {
    settings: DrawnSettings,
    non_digits: Vec<[f32; IMAGE_PIXELS]>,
    forms: ByClass,
    photos: ByClass,
}

/// Images of each class.
type ByClass = [Vec<[f32; IMAGE_PIXELS]>; 10];

impl DrawnImages {
    /// Draws all images; what is made of digits takes those of `pairs`.
    pub fn draw(settings: DrawnSettings, pairs: &PairSet, stream: &mut Stream) -> Self {
        let (images, _) = pairs.pixels().as_chunks::<IMAGE_PIXELS>();
        let digits = Digits { images, labels: pairs.classes().as_flattened() };
        let kinds = KINDS.iter().filter(|kind| settings.all_kinds || kind.in_training);
        let kinds: Vec<&NonDigitKind> = kinds.flat_map(|kind| std::iter::repeat_n(kind, kind.turns)).collect();
        // The kinds take turns with each number, the way of reading after all kinds had theirs.
        let is_prepared = |number: usize| {
            let turn = (number / kinds.len()) as f32;
            ((turn + 1.0) * settings.prepared_share).floor() > (turn * settings.prepared_share).floor()
        };
        let revision = settings.preparation;
        let draw = |(number, seed): (usize, u64)| {
            let kind = kinds[number % kinds.len()];
            let drawing = NonDigit::draw(kind, &digits, seed);
            let prepared =
                (is_prepared(number) && !kind.is_of_digits()).then(|| as_prepared(&drawing, seed, revision)).flatten();
            let prepared = prepared.filter(|it| !settings.whole || drawing.share_in(&it.tight_box) >= NEARLY_ALL);
            let prepared = prepared.map(|prepared| prepared.image);
            prepared.unwrap_or_else(|| drawing.image())
        };
        let seeds: Vec<u64> = (0..settings.non_digits).map(|_| seed(stream)).collect();
        let mut non_digits: Vec<_> = seeds.into_iter().enumerate().map(draw).map(|image| *image.pixels()).collect();
        let mut forms = ByClass::default();
        for _ in 0..settings.forms {
            let form = DigitForm::draw(seed(stream));
            forms[usize::from(form.digit())].push(*form.image().pixels());
        }
        let mut photos = ByClass::default();
        for number in 0..settings.photos {
            let chosen = stream.below(images.len() as u32) as usize;
            let read = photographed(&images[chosen], number, seed(stream), revision);
            photos[usize::from(digits.labels[chosen])].extend(read.digit);
            non_digits.extend(read.others);
        }
        Self { settings, non_digits, forms, photos }
    }

    /// Gives some digits of `pairs` the form that other hands write them in, or the look that photos give them.
    pub fn replace_digits(&self, pairs: &mut PairSet, stream: &mut Stream) {
        let settings = &self.settings;
        let mut sources = vec![(settings.form_chance, &self.forms)];
        if settings.photos > 0 {
            sources.push((settings.photo_chance, &self.photos));
        }
        let classes: Vec<u8> = pairs.classes().as_flattened().to_vec();
        let (images, _) = pairs.pixels_mut().as_chunks_mut::<IMAGE_PIXELS>();
        for (image, class) in images.iter_mut().zip(classes) {
            for (chance, by_class) in &sources {
                let alike = &by_class[usize::from(class)];
                if stream.unit() < *chance && !alike.is_empty() {
                    *image = alike[stream.below(alike.len() as u32) as usize];
                }
            }
        }
    }

    /// Non-digits for a step of `digits` digits: raw pixels `[K, 14, 14]`, K even.
    pub fn non_digits(&self, digits: usize, stream: &mut Stream) -> Vec<f32> {
        let pairs = (digits as f32 * self.settings.non_digit_share / 2.0).round() as usize;
        let any = |_| self.non_digits[stream.below(self.non_digits.len() as u32) as usize];
        (0..2 * pairs).map(any).collect::<Vec<_>>().into_flattened()
    }
}

/// Part of a drawing's ink from which on a reading is one of the whole drawing.
const NEARLY_ALL: f32 = 0.8;

/// The likeliest reading of a picture of the drawing; `None` where it shows no ink.
fn as_prepared(drawing: &NonDigit, seed: u64, revision: Revision) -> Option<Prepared> {
    let side = NonDigit::PICTURE_SIDE;
    let picture = drawing.picture(seed);
    revision.prepare(&Picture::luma(side, side, &picture).ok()?).ok()
}

fn seed(stream: &mut Stream) -> u64 {
    u64::from(stream.bits()) << 32 | u64::from(stream.bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::Purpose;

    /// Checksum of what preparation reads of drawn pictures by its first revision.
    const FIRST_REVISION: &str = "401376c64e8893b0e1ca0c7ea576c7fb7a3978dff111eace74f109d4b0b790e1";

    /// `models/leq.onnx` and the study `front` were trained with it.
    #[test]
    fn the_first_revision_of_preparation_reads_what_it_read() {
        let mnist = mnist::Mnist::load(&mnist::default_folder()).unwrap();
        let pairs = mnist::PairSets::draw(&mnist, 200, 0).unwrap().training;
        let settings = DrawnSettings {
            non_digits: 800,
            prepared_share: 0.5,
            all_kinds: true,
            photos: 130,
            photo_chance: 0.1,
            ..DrawnSettings::EVERYBODY
        };
        let checksum = |settings: DrawnSettings| {
            let drawn = DrawnImages::draw(settings, &pairs, &mut Stream::new(0, Purpose::Drawings));
            let images = drawn.non_digits.iter().chain(drawn.photos.iter().flatten()).flatten();
            files::sha256(images.flat_map(|pixel| pixel.to_le_bytes()).collect::<Vec<u8>>())
        };
        assert_eq!(checksum(settings), FIRST_REVISION);
        assert_ne!(checksum(DrawnSettings { preparation: Revision::Second, ..settings }), FIRST_REVISION);
    }

    #[test]
    fn readings_of_a_part_are_left_out_only_where_preparation_reads() {
        let idle = DrawnSettings { whole: true, ..DrawnSettings::EVERYBODY };
        assert_eq!(idle.without_effect().map(|(field, _)| field), Some("drawn.whole"));
        assert_eq!(DrawnSettings { prepared_share: 0.5, ..idle }.without_effect(), None);
        assert_eq!(DrawnSettings::EVERYBODY.without_effect(), None);
    }

    #[test]
    fn a_revision_of_preparation_is_one_that_there_is_and_reads_something() {
        let second = DrawnSettings { preparation: Revision::Second, ..DrawnSettings::EVERYBODY };
        assert_eq!(second.without_effect().map(|(field, _)| field), Some("drawn.preparation"));
        assert_eq!(DrawnSettings { prepared_share: 0.5, ..second }.without_effect(), None);
        assert_eq!(second.out_of_range(), None);
        let third = Revision::try_from(u32::from(Revision::NEWEST) + 1);
        assert_eq!(third.unwrap_err(), "there is no revision 3 of preparation: 1 to 2 are known");
    }

    #[test]
    fn photos_and_their_chance_act_together_or_not_at_all() {
        let named = |photos, photo_chance| {
            let settings = DrawnSettings { photos, photo_chance, ..DrawnSettings::EVERYBODY };
            settings.without_effect().map(|(field, _)| field)
        };
        assert_eq!([named(0, 0.0), named(100, 0.1)], [None; 2]);
        assert_eq!(named(0, 0.1), Some("drawn.photo_chance"));
        assert_eq!(named(100, 0.0), Some("drawn.photos"));
        let many = DrawnSettings { photos: MOST + 1, ..DrawnSettings::EVERYBODY };
        assert_eq!(many.out_of_range().map(|(field, ..)| field), Some("drawn.photos"));
    }
}
