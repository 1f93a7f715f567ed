//! Runs the JSON and YAML parsers with the visitor of `tree`, and converts their errors to refusals that show
//! the line.

use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::Value;

use super::Limits;
use super::locate::{self, Lines, Position};
use super::refusal::Refusal;
use super::tree::{Build, Exceeded, Keys, Node, Oddity};

/// A tree, and the parts of the text that it cannot represent.
pub(super) struct Reading {
    pub(super) root: Value,
    pub(super) oddities: Vec<Oddity>,
    /// The number of further entries that the tree cannot represent. They are only counted.
    pub(super) unkept: usize,
    /// Whether more YAML documents follow in the text.
    pub(super) more: bool,
}

impl Reading {
    fn new(root: Value, build: Build, more: bool) -> Self {
        Self { root, oddities: build.oddities, unkept: build.unkept, more }
    }
}

/// Parses JSON.
pub(super) fn json(text: &str, limits: &Limits) -> Result<Reading, Refusal> {
    let mut build = Build::new(Keys::Json, limits.deepest(), limits.nodes);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let root = Node(&mut build).deserialize(&mut deserializer).and_then(|root| {
        deserializer.end()?;
        Ok(root)
    });
    root.map_err(|error| refuse_json(&error, text, &build, limits))
        .map(|root| Reading::new(root, build, false))
}

/// Parses the first document of a YAML text.
pub(super) fn yaml(text: &str, limits: &Limits) -> Result<Reading, Refusal> {
    if locate::opens_too_many(text) {
        return Err(too_deep(limits));
    }
    let mut build = Build::new(Keys::Yaml, limits.deepest(), limits.nodes);
    let result = match first_document(text, &mut build) {
        // Parsing keys as strings keeps their spelling, but fails if a key is a list or a mapping. Such a
        // document is parsed again with any kind of key.
        Err(_) if build.stopped_at_key => {
            build = Build::new(Keys::YamlOfAnyType, limits.deepest(), limits.nodes);
            first_document(text, &mut build)
        }
        result => result,
    };
    result
        .map_err(|error| refuse_yaml(&error, text, &build, limits))
        .map(|(root, more)| Reading::new(root, build, more))
}

fn first_document(text: &str, build: &mut Build) -> Result<(Value, bool), serde_yaml::Error> {
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let root = match documents.next() {
        Some(document) => Node(build).deserialize(document)?,
        None => Value::Null,
    };
    // A `---` at the end begins an empty document, which is ignored.
    let more = documents
        .next()
        .is_some_and(|document| !matches!(Option::<IgnoredAny>::deserialize(document), Ok(None)));
    Ok((root, more))
}

fn refuse_json(error: &serde_json::Error, text: &str, build: &Build, limits: &Limits) -> Refusal {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if message == "recursion limit exceeded" {
        return too_deep(limits);
    }
    if let Some(limit) = build.exceeded {
        return exceed(limit, limits);
    }
    let line: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // The column includes the last consumed byte, which is the unexpected byte.
    let position = Lines::new(text).position(line + error.column().saturating_sub(1), 1);
    Refusal::syntax(
        format!("invalid JSON: {message} {}", near(&position)),
        "correct the line; JSON has no comments, no trailing commas, and only double quotes",
    )
}

fn refuse_yaml(error: &serde_yaml::Error, text: &str, build: &Build, limits: &Limits) -> Refusal {
    let message = error.to_string();
    if message.starts_with("recursion limit exceeded") {
        return too_deep(limits);
    }
    if message.starts_with("repetition limit exceeded") {
        return Refusal::limit(
            "aliases expand the document to more than a hundred times its size",
            "move the repeated parts under `components`, and refer to them with `$ref`",
        );
    }
    if let Some(limit) = build.exceeded {
        return exceed(limit, limits);
    }
    let offset = match message.rsplit_once(" at position ").map(|(_, rest)| rest.parse::<usize>()) {
        // For a forbidden character, only the message contains the position, in bytes.
        Some(Ok(offset)) => offset,
        // The parser's index counts characters. The line that the parser reports is not used, because the parser also counts line breaks
        // that editors do not show.
        _ => error.location().map_or(0, |location| {
            text.char_indices().nth(location.index()).map_or(text.len(), |(offset, _)| offset)
        }),
    };
    let position = Lines::new(text).position(offset, 1);
    let indent: String = position.excerpt.chars().take_while(|c| c.is_whitespace()).collect();
    if indent.contains('\t') && position.caret <= indent.chars().count() {
        return Refusal::syntax(
            format!("line {} is indented with a tab", position.line),
            "indent with spaces; YAML allows no tabs there",
        );
    }
    Refusal::syntax(
        format!("invalid YAML: {} {}", without_place(&message), near(&position)),
        "correct the line, or the indentation and quotes of the lines before it",
    )
}

/// Removes the first `at line … column …` from a message of the YAML parser, because [`near`] adds a better position.
/// A second position, where the surrounding mapping or list begins, is kept.
fn without_place(message: &str) -> String {
    let Some((before, after)) =
        message.split_once(" at line ").or_else(|| message.split_once(" at position "))
    else {
        return message.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(" column ").unwrap_or(rest);
    format!("{before}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn near(position: &Position) -> String {
    /// The maximum number of characters before and after the position that a message shows.
    const SHOWN: usize = 40;
    let skipped = position.caret.saturating_sub(SHOWN);
    let shown: String = position.excerpt.chars().skip(skipped).take(2 * SHOWN).collect();
    format!("at line {}, column {}: `{}`", position.line, position.column, shown.trim())
}

fn exceed(limit: Exceeded, limits: &Limits) -> Refusal {
    match limit {
        Exceeded::Depth => too_deep(limits),
        Exceeded::Nodes => Refusal::raisable(
            format!(
                "the document has more than {} values when its aliases are expanded (limit `nodes`)",
                limits.nodes
            ),
            "nodes",
        ),
    }
}

fn too_deep(limits: &Limits) -> Refusal {
    let deepest = limits.deepest();
    let problem = format!(
        "lists and mappings are nested deeper than {deepest} levels, or contain themselves through an alias (limit `depth`)"
    );
    if limits.depth < Limits::DEEPEST {
        Refusal::raisable(problem, "depth")
    } else {
        Refusal::limit(
            problem,
            "move inner parts under `components`, and refer to them with `$ref`; this limit cannot be raised",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::without_place;

    #[test]
    fn position_of_the_error_is_removed_from_a_yaml_error_message() {
        assert_eq!(
            without_place("did not find key at line 3 column 1, while parsing a mapping at line 1 column 1"),
            "did not find key, while parsing a mapping at line 1 column 1"
        );
        assert_eq!(
            without_place("control characters are not allowed at position 7"),
            "control characters are not allowed"
        );
    }
}
