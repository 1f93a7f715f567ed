//! Whether the text of an error says what happened, where, and what to do.

/// Parts of texts that say what happened.
const WHAT: [&str; 8] = [
    "The service answered ",
    "No reply to ",
    "accepts no more calls for now",
    "requests in a row have failed",
    "The call was not made: ",
    "The call timed out while ",
    "so the request took effect",
    ", and its job has failed",
];
/// Parts that say where: the request, the address, or the variable.
const WHERE: [&str; 6] =
    [" GET /", " POST /", " PUT /", " DELETE /", "http://127.0.0.1:", "UPSTREAM_FAULTS_"];
/// Parts that say what to do.
const NEXT_STEP: [&str; 19] = [
    "all it again",
    "all again",
    "alling again",
    "Wait ",
    "It is tried again in ",
    "then call again",
    "Check the ids",
    "ead the current state",
    "read that first",
    "do not repeat it",
    "do not request it again",
    "repeating the call will not help",
    "Repeating the call will not help",
    "the user has to",
    "The user has to",
    "ell the user",
    "Send less",
    "Ask for less",
    "use the result of the earlier call",
];

/// Returns the part that is missing in the text of an error.
pub(crate) fn lacking(text: &str) -> Option<&'static str> {
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    match () {
        () if !has(&WHAT) => Some("what happened"),
        () if !has(&WHERE) => Some("where it happened"),
        () if !has(&NEXT_STEP) => Some("what to do"),
        () => None,
    }
}
