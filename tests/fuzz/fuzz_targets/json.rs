//! The JSON parser: any bytes with a `.json` name result in a document or an error.
#![no_main]

use jackfield_openapi::{Limits, NoFiles, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { bytes: 1 << 20, nodes: 100_000, ..Limits::default() };
    let _ = read("fuzz.json", bytes, &mut NoFiles, &limits);
});
