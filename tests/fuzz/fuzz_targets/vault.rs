//! The file of a vault: any bytes end in its parts or a refusal, before and behind the seal. Nothing here is secret, so the
//! seal is not asked.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    jackfield_vault::read_any(bytes);
});
