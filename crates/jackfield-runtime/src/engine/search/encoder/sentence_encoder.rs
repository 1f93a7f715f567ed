//! Loads a sentence encoder from the files of a folder.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bert::{Bert, Shape};
use super::error::{EncoderError, Invalid};
use super::safetensors::Tensors;
use super::wordpiece::WordPiece;
use super::{cache, files};
use crate::common::environment::Environment;

/// A sentence encoder. It converts a text to a vector; texts of similar meaning have similar vectors.
pub struct Encoder {
    folder: PathBuf,
    /// The folders in which vectors are cached.
    pub(super) caches: Vec<PathBuf>,
    pub(super) digest: [u8; 32],
    tokenizer: WordPiece,
    pub(super) bert: Bert,
}

impl Encoder {
    /// Loads `model.safetensors`, `tokenizer.json` and, if it exists, `config.json`. Nothing is downloaded.
    ///
    /// The vectors of tools are cached in the encoder's folder. If it is not writable, they are cached in the user's cache folder, which
    /// environment variables determine.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read, or if the files are not a BERT-style encoder with a WordPiece tokenizer.
    pub fn open(folder: &Path, environment: &Environment) -> Result<Self, EncoderError> {
        let read = |name: &str, most| files::read(&folder.join(name), most);
        let model = read("model.safetensors", files::LARGEST_MODEL)?;
        let vocabulary = read("tokenizer.json", files::LARGEST_JSON)?;
        let config = folder.join("config.json");
        let config = if config.exists() { Some(files::read(&config, files::LARGEST_JSON)?) } else { None };
        let mut digest = Sha256::new();
        for part in [model.as_slice(), &vocabulary, config.as_deref().unwrap_or_default()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let in_file = |name: &'static str| move |problem| EncoderError::invalid(&folder.join(name), problem);
        let json = |bytes: &[u8]| {
            serde_json::from_slice::<Value>(bytes).map_err(|error| Invalid::from(error.to_string()))
        };
        let tokenizer =
            json(&vocabulary).and_then(|value| WordPiece::new(&value)).map_err(in_file("tokenizer.json"))?;
        let config = config.map(|config| json(&config)).transpose().map_err(in_file("config.json"))?;
        let shape = Shape::of(config.as_ref()).map_err(in_file("config.json"))?;
        let tensors = Tensors::parse(&model).map_err(in_file("model.safetensors"))?;
        let bert = Bert::new(&tensors, &shape).map_err(in_file("model.safetensors"))?;
        if tokenizer.size() > bert.vocabulary() {
            let problem =
                format!("{} tokens, but the model has vectors for {}", tokenizer.size(), bert.vocabulary());
            return Err(in_file("tokenizer.json")(problem.into()));
        }
        let caches = cache::folders(folder, |name| environment.get(name));
        Ok(Self { folder: folder.to_path_buf(), caches, digest: digest.finalize().into(), tokenizer, bert })
    }

    /// Returns the vector of a text, scaled to length 1. Texts beyond the limit of the model are truncated.
    pub fn encode(&self, text: &str) -> Vec<f32> {
        self.bert.encode(&self.tokenizer.tokens(text, self.bert.most_tokens()))
    }

    /// Returns the vectors of many texts, computed on all cores.
    pub(super) fn encode_all(&self, texts: &[String]) -> Vec<f32> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let size = self.bert.size();
        let mut vectors = vec![0.0; texts.len() * size];
        let share = texts.len().div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for (texts, vectors) in texts.chunks(share).zip(vectors.chunks_mut(share * size)) {
                scope.spawn(move || {
                    for (text, vector) in texts.iter().zip(vectors.chunks_exact_mut(size)) {
                        vector.copy_from_slice(&self.encode(text));
                    }
                });
            }
        });
        vectors
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoder({})", self.folder.display())
    }
}
