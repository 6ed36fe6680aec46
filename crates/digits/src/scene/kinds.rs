//! Kinds of scenes, one file each: what each changes in an ordinary photo.

use super::dice::{Dice, Stage};
use super::photo::{Photo, Setup};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $file:ident $name:literal,)*) => {
        $(mod $file;)*

        /// A kind of scene.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum SceneKind {
            $($(#[$doc])* $kind,)*
        }

        impl SceneKind {
            /// All kinds of one digit or two.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Its name in tables.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            fn change(self, setup: &mut Setup, dice: &mut Dice) {
                match self { $(Self::$kind => $file::change(setup, dice),)* }
            }
        }
    };
}

kinds! {
    /// Plain paper, any ballpoint.
    Plain plain "plain",
    /// School paper with lines.
    Lined lined "lined",
    /// School paper with squares.
    Squared squared "squared",
    /// Paper with a grid of dots.
    Dotted dotted "dotted",
    /// Millimetre paper.
    Millimetre millimetre "millimetre",
    /// Lined paper with a margin's line.
    Margin margin "margin",
    /// A grid as black as the ink.
    BlackGrid black_grid "black grid",
    /// A digit in a box, as in forms.
    Boxed boxed "boxed",
    /// A digit with a circle around it.
    Circled circled "circled",
    /// A sticky note.
    StickyNote sticky_note "sticky note",
    /// A sheet on a table.
    Desk desk "desk",
    /// A corner of the table in the picture.
    Corner corner "corner",
    /// A sheet seen from the side.
    Perspective perspective "perspective",
    /// The edge of a shadow across the digit.
    ShadowEdge shadow_edge "shadow edge",
    /// A small digit in the frame.
    Small small "small",
    /// Out of focus.
    Blurred blurred "blur",
    /// Taken in the dark.
    Noisy noisy "noise",
    /// Sent by a messenger that compresses.
    Compressed compressed "JPEG",
    /// A pencil.
    Pencil pencil "pencil",
    /// A fine ballpoint in any colour.
    Ballpoint ballpoint "ballpoint",
    /// A highlighter.
    Highlighter highlighter "highlighter",
    /// A whiteboard.
    Whiteboard whiteboard "whiteboard",
    /// Chalk on a board.
    Chalk chalk "chalk",
    /// Punch holes and specks.
    Holes holes "holes",
    /// A full stop or a comma after the digit.
    Punctuated punctuated "full stop",
    /// All that a phone's photo has at once.
    Phone phone "phone",
    /// Two digits side by side.
    Two two "two digits",
    /// Two digits that touch.
    Touching touching "two touching",
    /// Two digits that lean over each other.
    Slanted slanted "two slanted",
    /// Two digits on squared paper.
    TwoSquared two_squared "two on squares",
    /// Two digits on a sheet on a table.
    TwoDesk two_desk "two on a desk",
}

impl SceneKind {
    /// Digits in it.
    pub fn digits(self) -> usize {
        match self {
            Self::Two | Self::Touching | Self::Slanted | Self::TwoSquared | Self::TwoDesk => 2,
            _ => 1,
        }
    }

    /// Draws as many 28x28 digits, ink 0..=255, as the kind has. The same seed gives the same picture.
    pub fn draw(self, stage: Stage, digits: &[&[u8; 784]], seed: u64) -> Photo {
        self.setup(stage, digits, seed).draw()
    }

    /// Everything in the picture that [`SceneKind::draw`] draws.
    pub fn setup(self, stage: Stage, digits: &[&[u8; 784]], seed: u64) -> Setup {
        let mut dice = Dice::new(stage, seed ^ ((self as u64) << 40));
        let mut setup = Setup::ordinary(digits, &mut dice);
        self.change(&mut setup, &mut dice);
        setup
    }
}
