//! The YAML parser, and the scanner that finds line numbers: every pointer of a parsed value is located in
//! the text.
#![no_main]

use jackfield_model::Pointer;
use jackfield_openapi::source::parse;
use jackfield_openapi::Limits;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, nodes: 10_000, ..Limits::default() };
    let Ok(parsed) = parse("fuzz.yaml", bytes, &limits) else { return };
    let mut pointers = Vec::new();
    collect(&parsed.root, &Pointer::root(), &mut pointers);
    let all: Vec<&Pointer> = pointers.iter().collect();
    for position in parsed.source.locate_all(&all).into_iter().flatten() {
        assert!(position.line >= 1 && position.column >= 1 && position.len >= 1);
    }
});

fn collect(value: &Value, here: &Pointer, found: &mut Vec<Pointer>) {
    if found.len() > 200 {
        return;
    }
    found.push(here.clone());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| collect(value, &here.child(key), found)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| collect(value, &here.index(at), found)),
        _ => {}
    }
}
