//! As much of tokenizers as candle-core is compiled against, without doing any of it.
//!
//! candle-core reads the tokenizers of language models out of GGUF files, which nothing here has, and so wants a crate that
//! takes as long to build as Candle's own half. `[patch.crates-io]` in the workspace's `Cargo.toml` puts this one in its
//! place. No model can be built with it ([`models::bpe::BpeBuilder::build`]), and every tokenizer needs one: whoever asks
//! Candle for a tokenizer gets an error that says so.

use std::fmt;

pub use tokenizer::{Error, Result};

/// Something that is never made.
#[derive(Debug, Clone, Copy)]
enum Never {}

/// A token with settings.
#[derive(Debug, Clone)]
pub struct AddedToken(());

impl AddedToken {
    /// A token.
    pub fn from(_content: impl Into<String>, _special: bool) -> Self {
        Self(())
    }
}

/// A tokenizer, of which there is none.
#[derive(Debug, Clone)]
pub struct Tokenizer(Never);

impl Tokenizer {
    /// Never called: there is no model.
    pub fn new(model: models::bpe::BPE) -> Self {
        match model.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn with_normalizer(&mut self, _normalizer: Option<normalizers::NormalizerWrapper>) -> Result<&mut Self> {
        match self.0 {}
    }

    /// Never called.
    pub fn with_pre_tokenizer(&mut self, _step: Option<pre_tokenizers::PreTokenizerWrapper>) -> &mut Self {
        match self.0 {}
    }

    /// Never called.
    pub fn with_decoder(&mut self, _decoder: Option<decoders::DecoderWrapper>) -> &mut Self {
        match self.0 {}
    }

    /// Never called.
    pub fn with_post_processor(&mut self, _step: Option<processors::PostProcessorWrapper>) -> &mut Self {
        match self.0 {}
    }

    /// Never called.
    ///
    /// # Errors
    /// None.
    pub fn add_special_tokens(&mut self, _tokens: Vec<AddedToken>) -> Result<usize> {
        match self.0 {}
    }
}

/// The one error.
#[derive(Debug)]
pub struct LeftOut;

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("tokenizers are left out of this build: see xtask/tokenizers")
    }
}

impl std::error::Error for LeftOut {}

/// What a tokenizer is made of.
pub mod tokenizer {
    /// What may go wrong.
    pub type Error = Box<dyn std::error::Error + Send + Sync>;
    /// What is done, or what went wrong.
    pub type Result<T> = std::result::Result<T, Error>;

    /// What becomes of a delimiter.
    #[derive(Debug, Clone, Copy)]
    pub enum SplitDelimiterBehavior {
        /// It stands alone.
        Isolated,
    }
}

/// From text to tokens.
pub mod models {
    /// Byte pair encoding.
    pub mod bpe {
        use std::collections::HashMap;

        use crate::{LeftOut, Never, Result};

        /// Tokens by their text.
        pub type Vocab = HashMap<String, u32>;

        /// A model, of which there is none.
        #[derive(Debug, Clone)]
        pub struct BPE(pub(crate) Never);

        impl BPE {
            /// Begins one.
            pub fn builder() -> BpeBuilder {
                BpeBuilder(())
            }
        }

        /// A model that is being described.
        #[derive(Debug)]
        pub struct BpeBuilder(());

        impl BpeBuilder {
            /// A setting.
            pub fn vocab_and_merges(self, _vocab: Vocab, _merges: Vec<(String, String)>) -> Self {
                self
            }

            /// A setting.
            pub fn unk_token(self, _token: String) -> Self {
                self
            }

            /// A setting.
            pub fn byte_fallback(self, _falls_back: bool) -> Self {
                self
            }

            /// A setting.
            pub fn ignore_merges(self, _ignores: bool) -> Self {
                self
            }

            /// Builds nothing.
            ///
            /// # Errors
            /// Always: [`LeftOut`].
            pub fn build(self) -> Result<BPE> {
                Err(LeftOut.into())
            }
        }
    }
}

/// A step of a tokenizer, described and never taken.
macro_rules! step {
    ($name:ident -> $($wrapper:path),+) => {
        /// A step.
        #[derive(Debug, Clone, Copy, Default)]
        pub struct $name(());

        $(impl From<$name> for $wrapper {
            fn from(_: $name) -> Self {
                <$wrapper>::Step
            }
        })+
    };
}

/// From tokens to text.
pub mod decoders {
    /// Any decoder.
    #[derive(Debug, Clone)]
    pub enum DecoderWrapper {
        /// One that is never taken.
        Step,
    }

    /// By bytes.
    pub mod byte_level {
        pub use crate::pre_tokenizers::byte_level::ByteLevel;
    }
}

/// From text to text.
pub mod normalizers {
    /// Any normalizer.
    #[derive(Debug, Clone)]
    pub enum NormalizerWrapper {
        /// One that is never taken.
        Step,
    }

    /// Unicode's forms.
    pub mod unicode {
        /// Form C.
        #[derive(Debug, Clone, Copy)]
        pub struct NFC;

        impl From<NFC> for super::NormalizerWrapper {
            fn from(_: NFC) -> Self {
                Self::Step
            }
        }
    }
}

/// From text to words.
pub mod pre_tokenizers {
    /// Any of them.
    #[derive(Debug, Clone)]
    pub enum PreTokenizerWrapper {
        /// One that is never taken.
        Step,
    }

    /// By bytes.
    pub mod byte_level {
        step!(ByteLevel -> crate::pre_tokenizers::PreTokenizerWrapper, crate::decoders::DecoderWrapper, crate::processors::PostProcessorWrapper);

        impl ByteLevel {
            /// A step.
            pub fn new(_add_prefix_space: bool, _trim_offsets: bool, _use_regex: bool) -> Self {
                Self(())
            }
        }
    }

    /// One after the other.
    pub mod sequence {
        step!(Sequence -> super::PreTokenizerWrapper);

        impl Sequence {
            /// A step.
            pub fn new(_steps: Vec<super::PreTokenizerWrapper>) -> Self {
                Self(())
            }
        }
    }

    /// By a pattern.
    pub mod split {
        use crate::Result;
        use crate::tokenizer::SplitDelimiterBehavior;

        /// What splits.
        #[derive(Debug, Clone)]
        pub enum SplitPattern {
            /// A regular expression.
            Regex(String),
        }

        step!(Split -> super::PreTokenizerWrapper);

        impl Split {
            /// A step.
            ///
            /// # Errors
            /// None.
            pub fn new(_pattern: SplitPattern, _behavior: SplitDelimiterBehavior, _invert: bool) -> Result<Self> {
                Ok(Self(()))
            }
        }
    }
}

/// From tokens to tokens.
pub mod processors {
    /// Any of them.
    #[derive(Debug, Clone)]
    pub enum PostProcessorWrapper {
        /// One that is never taken.
        Step,
        /// By a template.
        Template(template::TemplateProcessing),
    }

    /// By bytes.
    pub mod byte_level {
        pub use crate::pre_tokenizers::byte_level::ByteLevel;
    }

    /// One after the other.
    pub mod sequence {
        step!(Sequence -> super::PostProcessorWrapper);

        impl Sequence {
            /// A step.
            pub fn new(_steps: Vec<super::PostProcessorWrapper>) -> Self {
                Self(())
            }
        }
    }

    /// By a template.
    pub mod template {
        use crate::{LeftOut, Never, Result};

        /// A template, of which there is none.
        #[derive(Debug, Clone)]
        #[expect(dead_code, reason = "nobody makes one")]
        pub struct TemplateProcessing(Never);

        impl TemplateProcessing {
            /// Begins one.
            pub fn builder() -> TemplateProcessingBuilder {
                TemplateProcessingBuilder(())
            }
        }

        /// A template that is being described.
        #[derive(Debug)]
        pub struct TemplateProcessingBuilder(());

        impl TemplateProcessingBuilder {
            /// A setting.
            ///
            /// # Errors
            /// None.
            pub fn try_single(&mut self, _pieces: Vec<String>) -> Result<&mut Self> {
                Ok(self)
            }

            /// A setting.
            ///
            /// # Errors
            /// None.
            pub fn try_pair(&mut self, _pieces: Vec<String>) -> Result<&mut Self> {
                Ok(self)
            }

            /// A setting.
            pub fn special_tokens(&mut self, _tokens: Vec<(String, u32)>) -> &mut Self {
                self
            }

            /// Builds nothing.
            ///
            /// # Errors
            /// Always: [`LeftOut`].
            pub fn build(&self) -> Result<TemplateProcessing> {
                Err(LeftOut.into())
            }
        }
    }
}
