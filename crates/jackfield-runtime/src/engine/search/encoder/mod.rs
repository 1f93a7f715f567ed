//! Ranks tools by the vectors of a sentence encoder from the user's folder: BERT with mean pooling, in plain `f32` loops.

mod bert;
mod cache;
mod error;
mod files;
mod linear;
mod meaning;
mod safetensors;
mod sentence_encoder;
mod wordpiece;

pub use self::error::EncoderError;
pub(super) use self::meaning::Meanings;
pub use self::sentence_encoder::Encoder;

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use self::tests::folder as encoder_folder;
