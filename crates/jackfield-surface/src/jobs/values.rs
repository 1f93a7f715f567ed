//! Finds the state and the result in the status of a job.

use crate::lean::page_length::ordered;
use crate::paging::replied::{Property, Replied};

/// Words in the names of properties that contain URLs.
pub(super) const LINK_WORDS: [&str; 6] = ["link", "url", "uri", "href", "location", "address"];
/// Words in the names of properties that contain the URL of a result.
const RESULT_WORDS: [&str; 5] = ["result", "results", "resource", "output", "outputs"];

/// Whether the name or the format of a property says that its value is a URL.
pub(super) fn is_address(property: &Property<'_>) -> bool {
    matches!(property.kind, None | Some("string"))
        && (property.is_address || property.leaf.last().is_some_and(|word| LINK_WORDS.contains(&&**word)))
}

/// Returns the JSON pointer of the state in a status.
pub(super) fn state_of(replied: &Replied<'_>) -> Option<String> {
    let is_text =
        |property: &&Property<'_>| matches!(property.kind, None | Some("string")) && !is_address(property);
    let texts = || replied.properties.iter().filter(is_text);
    let of_word =
        |word: &str| texts().find(|property| matches!(property.leaf.as_slice(), [only] if only == word));
    let with_word = || {
        texts().find(|property| property.leaf.last().is_some_and(|last| last == "status" || last == "state"))
    };
    let is_done = |property: &&Property<'_>| {
        property
            .leaf
            .last()
            .is_some_and(|last| matches!(&**last, "done" | "completed" | "complete" | "finished" | "ready"))
    };
    let found = of_word("status").or_else(|| of_word("state")).or_else(with_word);
    found.or_else(|| replied.flags.iter().find(is_done)).map(Property::pointer)
}

/// Returns the JSON pointer of the result's URL in a status.
pub(super) fn result_of(replied: &Replied<'_>) -> Option<String> {
    let is_result = |property: &&Property<'_>| {
        let mut all = property.before.iter().chain(&property.leaf);
        is_address(property) && all.any(|word| RESULT_WORDS.contains(&&**word))
    };
    replied.properties.iter().find(is_result).map(Property::pointer)
}

/// Returns the name without separators, in lower case. `jobId` and `job_id` have the same result.
pub(super) fn flat(name: &str) -> String {
    ordered(name).concat()
}
