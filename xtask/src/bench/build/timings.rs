//! Reads the compile time of each crate from the report of `cargo build --timings`.
//!
//! The JSON form of the report is unstable, so the same data is parsed from a JSON array in a script of the
//! HTML page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;

/// Returns the `count` slowest crates, each with the sum of the seconds of its compilation units.
pub(super) fn dearest(target: &Path, count: usize) -> Result<Vec<(String, f64)>, Failure> {
    let page = target.join("cargo-timings/cargo-timing.html");
    let page = fs::read_to_string(page).map_err(Failure::while_("reading cargo's report of timings"))?;
    let mut crates: Vec<(String, f64)> = crates_in(&page)
        .ok_or_else(|| Failure::new("cargo's report of timings does not have the expected format"))?
        .into_iter()
        .collect();
    crates.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    crates.truncate(count);
    Ok(crates)
}

fn crates_in(page: &str) -> Option<BTreeMap<String, f64>> {
    let (_, data) = page.split_once("UNIT_DATA = ")?;
    let units = serde_json::Deserializer::from_str(data).into_iter::<Value>().next()?.ok()?;
    let mut crates = BTreeMap::new();
    for unit in units.as_array()? {
        let (name, seconds) = (unit["name"].as_str()?, unit["duration"].as_f64()?);
        *crates.entry(name.to_owned()).or_default() += seconds;
    }
    Some(crates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compile_times_of_a_crate_are_summed() {
        let page = r#"<script>DURATION = 9;
const UNIT_DATA = [ {"name": "ring", "target": " build-script", "duration": 0.5}, {"name": "ring", "duration": 2.0},
  {"name": "rmcp", "duration": 1.25} ];
const CONCURRENCY_DATA = [];</script>"#;
        let crates = crates_in(page).unwrap();
        assert_eq!(crates, BTreeMap::from([("ring".to_owned(), 2.5), ("rmcp".to_owned(), 1.25)]));
        assert_eq!(crates_in("<html>"), None);
    }
}
