//! Converts any document to Rust: nothing panics, no operation is lost, and the output parses as Rust (the
//! printer refuses anything else).
#![no_main]

use jackfield_codegen::{Layout, Origin, generate};
use jackfield_model::ConnectorName;
use jackfield_openapi::{Choices, Limits, NoFiles, lower, read};
use jackfield_surface::{Digest, Names, Surface, prune};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The bytes are the content of a document after its version line.
    let Some((version, rest)) = bytes.split_first() else { return };
    let head: &[u8] = match version % 4 {
        0 => b"swagger: '2.0'\n",
        1 => b"openapi: 3.0.3\n",
        2 => b"openapi: 3.1.0\n",
        _ => b"openapi: 3.2.0\n",
    };
    let text = [head, rest].concat();
    let limits = Limits { bytes: 1 << 20, nodes: 10_000, ..Limits::default() };
    let Ok(document) = read("fuzz.yaml", &text, &mut NoFiles, &limits) else { return };
    let Ok(name) = ConnectorName::new("fuzz") else { return };
    let mut lowered = lower(&document, &Choices::everything(name));
    assert!(lowered.count.is_whole(), "{:?}", lowered.count);
    prune(&mut lowered.connector);
    let surface = Surface::new(&lowered.connector, &Names::default());
    let origin = Origin { document: "fuzz.yaml".to_owned(), digest: Digest::of([text.as_slice()]) };
    let files = generate(&lowered.connector, &surface, &origin, &Layout::Crate);
    assert!(files.get("src/generated/mod.rs").is_some());
});
