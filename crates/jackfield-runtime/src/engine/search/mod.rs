//! Ranks tools for a request in natural language.
//!
//! The index reads the texts of all tools once, at the start. A search adds up precomputed weights for the words of the query and for their
//! runs of four characters, and does not read the texts again. The documents and the query determine the hits.

mod coverage;
mod document;
#[cfg(feature = "encoder")]
mod encoder;
mod fusion;
mod index;
mod intent;
mod lexicon;
mod packed;
mod postings;
mod query;
mod reader;
mod reason;
mod stop_words;
mod stored;
mod synonyms;
mod top;
mod weights;
mod words;

pub use document::{SearchArgument, SearchDocument, SearchField};
#[cfg(feature = "encoder")]
pub use encoder::{Encoder, EncoderError};
pub use index::{SearchHit, SearchIndex};
pub use reason::{Evidence, SearchMatch, SearchReason};
pub use stored::StoredIndexError;

#[cfg(all(test, feature = "encoder"))]
pub(crate) mod tests {
    pub(crate) use super::encoder::encoder_folder;
}
