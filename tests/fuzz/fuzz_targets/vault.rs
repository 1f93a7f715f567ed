//! Parses any bytes as a vault: they are parsed or refused, before and after the `seal` line. The `seal`
//! line is not verified, because no key exists here.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    jackfield_vault::read_any(bytes);
});
