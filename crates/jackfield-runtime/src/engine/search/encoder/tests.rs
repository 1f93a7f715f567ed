use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::error::EncoderError;
use super::meaning::Meanings;
use super::{Encoder, cache};
use crate::common::environment::Environment;
use crate::engine::search::{SearchDocument, SearchIndex};

const WORDS: [&str; 11] =
    ["[UNK]", "[CLS]", "[SEP]", "book", "##s", "##keep", "##ing", "cafe", "!", "member", "loan"];

/// Returns the tensor shapes, by name, of a model with two layers and vectors of 16 numbers.
fn shapes() -> BTreeMap<String, Vec<usize>> {
    let mut shapes = BTreeMap::new();
    for (name, rows) in [("position", 12), ("token_type", 2), ("word", 11)] {
        shapes.insert(format!("embeddings.{name}_embeddings.weight"), vec![rows, 16]);
    }
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..2 {
        let part = |name: &str| format!("encoder.layer.{layer}.{name}");
        norms.extend([part("attention.output.LayerNorm"), part("output.LayerNorm")]);
        for (name, outputs, inputs) in [
            ("attention.self.query", 16, 16),
            ("attention.self.key", 16, 16),
            ("attention.self.value", 16, 16),
            ("attention.output.dense", 16, 16),
            ("intermediate.dense", 32, 16),
            ("output.dense", 16, 32),
        ] {
            shapes.insert(format!("{}.weight", part(name)), vec![outputs, inputs]);
            shapes.insert(format!("{}.bias", part(name)), vec![outputs]);
        }
    }
    for norm in norms {
        shapes.insert(format!("{norm}.weight"), vec![16]);
        shapes.insert(format!("{norm}.bias"), vec![16]);
    }
    shapes
}

/// Creates a model whose numbers come from a formula, so that another implementation can build the same model.
fn model() -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (seed, (name, shape)) in shapes().into_iter().enumerate() {
        let begin = data.len();
        let base = if name.ends_with("LayerNorm.weight") { 1.0 } else { 0.0 };
        for n in 0..shape.iter().product::<usize>() {
            let number = ((n * 37 + seed * 101) % 61) as f64 - 30.0;
            data.extend(((base + number / 61.0 * 0.5) as f32).to_le_bytes());
        }
        header.insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] }));
    }
    with_header(&header.into(), &data)
}

fn with_header(header: &Value, data: &[u8]) -> Vec<u8> {
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
}

fn tokenizer() -> Value {
    let vocabulary: serde_json::Map<String, Value> =
        WORDS.iter().enumerate().map(|(at, word)| ((*word).to_owned(), at.into())).collect();
    json!({ "normalizer": { "lowercase": true }, "model": { "type": "WordPiece", "vocab": vocabulary } })
}

pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.safetensors"), model()).unwrap();
    std::fs::write(folder.path().join("tokenizer.json"), tokenizer().to_string()).unwrap();
    let config = json!({ "num_attention_heads": 2, "hidden_act": "gelu", "layer_norm_eps": 1e-12 });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    folder
}

fn open(folder: &Path) -> Result<Encoder, EncoderError> {
    Encoder::open(folder, &Environment::of::<&str, &str>([]))
}

#[test]
fn vector_of_a_text_equals_the_vector_of_the_reference_implementation() {
    // Computed by BertModel of the Python package `transformers` with the same numbers: the mean over tokens,
    // scaled to length 1.
    let wanted = [
        0.420697, -0.11656, 0.120152, 0.207061, -0.094949, -0.47158, 0.02009, 0.056447, 0.031535, 0.110346,
        -0.422012, 0.162288, -0.105191, 0.090613, 0.424833, -0.315852,
    ];
    let folder = folder();
    let vector = open(folder.path()).unwrap().encode("Books!");
    assert_eq!(vector.len(), wanted.len());
    assert!(vector.iter().zip(wanted).all(|(is, wanted)| (is - wanted).abs() < 2e-6), "{vector:?}");
}

#[test]
fn long_text_is_truncated_to_the_maximum_length_of_the_model() {
    let folder = folder();
    let encoder = open(folder.path()).unwrap();
    assert_eq!(encoder.encode(&"book ".repeat(100_000)), encoder.encode(&"book ".repeat(10)));
}

#[test]
fn unusable_files_are_refused_with_their_path_and_the_reason() {
    let folder = folder();
    let place = folder.path().join("model.safetensors");
    let whole = model();
    let refused = |bytes: &[u8]| {
        std::fs::write(&place, bytes).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the encoder is not usable: {}: ", place.display())), "{error}");
        error
    };
    for (bytes, problem) in [
        (&whole[..3], "the file ends within the length of its header"),
        (&whole[..100], "the file ends within its header"),
        (&[0xff; 64][..], "the header has 18446744073709551615 bytes (limit 1048576)"),
        (&whole[..whole.len() - 4], "lies outside of the file"),
        (&with_header(&json!({}), &[]), "there is no tensor `embeddings.word_embeddings.weight`"),
        (&with_header(&json!([]), &[]), "the header is invalid: "),
    ] {
        let error = refused(bytes);
        assert!(error.contains(problem), "{error}");
    }
    let entry = |dtype: &str, shape: Value, offsets: Value| {
        let entry = json!({ "dtype": dtype, "shape": shape, "data_offsets": offsets });
        with_header(
            &json!({ "embeddings.word_embeddings.weight": entry }),
            &f32::NAN.to_le_bytes().repeat(16),
        )
    };
    for (bytes, problem) in [
        (entry("F16", json!([1, 16]), json!([0, 32])), "has the type `F16`; only F32 is supported"),
        (entry("F32", json!([16]), json!([0, 64])), "has an unexpected shape"),
        (entry("F32", json!([0, 16]), json!([0, 0])), "has an unexpected shape"),
        (entry("F32", json!([u64::MAX, u64::MAX]), json!([0, 64])), "lies outside of the file"),
        (entry("F32", json!([1, 16]), json!([64, 0])), "lies outside of the file"),
        (entry("F32", json!([1, 16]), json!([0, 64])), "has a number that is not finite"),
    ] {
        let error = refused(&bytes);
        assert!(error.contains(problem), "{error}");
    }
    std::fs::write(&place, &whole).unwrap();
    std::fs::write(folder.path().join("config.json"), r#"{ "num_attention_heads": 3 }"#).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("vectors of 16 numbers cannot be divided by 8 and 3 heads"), "{error}");
    std::fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("cannot read the encoder: ") && error.contains("tokenizer.json"), "{error}");
}

#[test]
fn tokenizer_with_more_tokens_than_model_vectors_is_refused() {
    let folder = folder();
    let mut tokenizer = tokenizer();
    tokenizer["model"]["vocab"]["shelf"] = 11.into();
    std::fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    let error = open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("tokenizer.json: 12 tokens, but the model has vectors for 11"), "{error}");
}

fn documents() -> Vec<SearchDocument> {
    ["Books!", "Member loan.", "Cafe"]
        .into_iter()
        .map(|text| SearchDocument {
            name: format!("tool_{}", text.len()),
            description: text.to_owned(),
            ..SearchDocument::default()
        })
        .collect()
}

#[test]
fn vectors_are_cached_beside_the_encoder() {
    let folder = folder();
    let encoder = Arc::new(open(folder.path()).unwrap());
    let texts: Vec<String> = documents().iter().flat_map(SearchDocument::meanings).collect();
    let kept = || {
        let folder = std::fs::read_dir(folder.path().join("jackfield-vectors")).unwrap();
        folder.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let first = Meanings::new(Arc::clone(&encoder), &texts).similarities("member");
    let [file] = kept().try_into().unwrap();
    // The cached file now contains other vectors under the same digest, so the result shows that the cache was used.
    cache::save(&encoder.caches, &cache::Key::new(&encoder.digest, &texts), &[0.0; 96]);
    assert_eq!(Meanings::new(Arc::clone(&encoder), &texts).similarities("member"), [0.0; 3]);
    std::fs::write(&file, b"damaged").unwrap();
    assert_eq!(Meanings::new(encoder, &texts).similarities("member"), first);
}

#[test]
fn search_with_an_encoder_ranks_only_permitted_tools_by_meaning() {
    let folder = folder();
    let index = SearchIndex::with_encoder(documents(), Arc::new(open(folder.path()).unwrap()));
    let hits = index.search("member loan.", 5, |_| true);
    assert_eq!(hits.first().map(|hit| hit.document), Some(1));
    assert!(hits.len() > 1);
    for hit in &hits[1..] {
        assert_eq!(hit.reason.to_string(), "similar in meaning");
    }
    let hits = index.search("member loan.", 5, |document| document != 1);
    assert!(!hits.is_empty() && hits.iter().all(|hit| hit.document != 1), "{hits:?}");
    assert!(index.search(" ", 5, |_| true).is_empty());
    assert!(index.search("member", 5, |_| false).is_empty());
}
