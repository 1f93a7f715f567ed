//! Counts the tokens of tools in a list, so that the runtime needs no tokenizer.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use jackfield_model::{Arg, Connector, Defs, Effect, Merge, Schema, side_by_side};
use jackfield_surface::{NamedTool, Surface, closure};
use tiktoken::CoreBpe;

use crate::rows::{MergeRow, ToolRow};

/// The tokens between a shared schema and the next schema: its name, quotes, and a comma.
const BETWEEN: usize = 4;
/// The maximum number of bytes of shared schemas that an output schema includes. The runtime has the same
/// limit.
const MOST_OUTPUT: usize = 16 * 1024;
/// The number of bytes that count as one token in texts that are too long to be tokenized.
const BYTES: usize = 4;
/// The minimum number of shared schemas for each thread.
const WORTH: usize = 32;
/// The length from which the tokens of a text are estimated.
const LONGEST: usize = 1 << 20;

/// Returns the tokenizer of the vocabulary `o200k_base`, which is decompressed on first use.
pub fn o200k() -> &'static CoreBpe {
    tiktoken::get_encoding("o200k_base").expect("the root Cargo.toml enables this vocabulary")
}

/// Counts the tokens of tools in the form that a client receives. A shared schema is counted once, and added
/// to each tool that refers to it.
pub(crate) struct TokenCounter<'m> {
    connector: &'m Connector,
    sent: BTreeMap<&'m str, SchemaSize>,
    received: BTreeMap<&'m str, SchemaSize>,
}

/// The tokens of a shared schema and its name.
struct SchemaSize {
    tokens: usize,
    bytes: usize,
}

impl<'m> TokenCounter<'m> {
    pub(crate) fn new(connector: &'m Connector) -> Self {
        Self { connector, sent: sizes(&connector.pool.send), received: sizes(&connector.pool.output) }
    }

    /// Counts the tokens of a tool's entry in a list. 0 if the tool is not listed, because it is only a resource, or because
    /// clients call it through a merged tool.
    pub(crate) fn count(&self, tool: &NamedTool<'_>, row: &ToolRow<'_>) -> usize {
        let operation = tool.operation;
        if !operation.is_tool() || operation.merged.is_some() {
            return 0;
        }
        self.count_entry(&Entry {
            name: row.name,
            title: row.title,
            description: row.description,
            args: &operation.args,
            fewest_args: operation.fewest_args,
            output: operation.output.as_ref(),
            effect: row.effect,
            idempotent: row.idempotent,
        })
    }

    /// Counts the tokens of a merged tool's entry in a list.
    pub(crate) fn count_merge(&self, merge: &Merge, row: &MergeRow<'_>) -> usize {
        self.count_entry(&Entry {
            name: row.name,
            title: row.title,
            description: row.description,
            args: &merge.args,
            fewest_args: 0,
            output: merge.output.as_ref(),
            effect: row.effect,
            idempotent: row.idempotent,
        })
    }

    fn count_entry(&self, entry: &Entry<'_>) -> usize {
        let sent = closure(entry.args.iter().map(|arg| &arg.schema), &self.connector.pool.send);
        let sent: usize =
            sent.iter().filter_map(|name| self.sent.get(name.as_str())).map(|it| it.tokens).sum();
        let received = closure(entry.output.into_iter(), &self.connector.pool.output);
        let mut left = MOST_OUTPUT;
        let mut promised = 0;
        for size in received.iter().filter_map(|name| self.received.get(name.as_str())) {
            if let Some(rest) = left.checked_sub(size.bytes) {
                left = rest;
                promised += size.tokens;
            }
        }
        count(&entry.text()) + sent + promised
    }
}

/// The entry of a tool in a list, as a client receives it.
struct Entry<'e> {
    name: &'e str,
    title: &'e str,
    description: &'e str,
    args: &'e [Arg],
    fewest_args: usize,
    output: Option<&'e Schema>,
    effect: Effect,
    idempotent: bool,
}

impl Entry<'_> {
    fn text(&self) -> String {
        let mut entry = ObjectText::default();
        entry.add("name", quoted(self.name));
        if !self.title.is_empty() {
            entry.add("title", quoted(self.title));
        }
        entry.add("description", quoted(self.description));
        entry.add("inputSchema", self.input());
        if let Some(output) = self.output {
            entry.add("outputSchema", output.as_value());
        }
        let mut annotations = ObjectText::default();
        annotations.add("readOnlyHint", self.effect == Effect::Read);
        annotations.add("destructiveHint", self.effect == Effect::Destroy);
        annotations.add("idempotentHint", self.idempotent);
        annotations.add("openWorldHint", true);
        entry.add("annotations", annotations.end());
        entry.end()
    }

    /// Returns the input schema without the white space of [`input_text`](crate::rows::input_text).
    fn input(&self) -> String {
        let mut input = ObjectText::default();
        input.add("type", quoted("object"));
        if !self.args.is_empty() {
            let mut properties = ObjectText::default();
            for arg in self.args {
                properties.add(arg.name.as_str(), arg.schema.as_value());
            }
            input.add("properties", properties.end());
        }
        let required = self.args.iter().filter(|arg| arg.required).map(|arg| quoted(arg.name.as_str()));
        let required: Vec<String> = required.collect();
        if !required.is_empty() {
            input.add("required", format_args!("[{}]", required.join(",")));
        }
        if !self.args.is_empty() && self.fewest_args > 0 {
            input.add("minProperties", self.fewest_args);
        }
        input.add("additionalProperties", false);
        input.end()
    }
}

/// The text of a JSON object, to which values are added as text.
#[derive(Default)]
struct ObjectText(String);

impl ObjectText {
    fn add(&mut self, key: &str, value: impl Display) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        let _ = write!(self.0, "{}:{value}", quoted(key));
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn sizes(defs: &Defs) -> BTreeMap<&str, SchemaSize> {
    let size = |(name, schema): (&'_ String, &'_ Schema)| {
        let text = schema.as_value().to_string();
        SchemaSize { tokens: count(&text) + count(name) + BETWEEN, bytes: text.len() }
    };
    let sizes = side_by_side(defs.iter(), defs.len().div_ceil(WORTH), |(): &mut (), def| size(def));
    defs.keys().map(String::as_str).zip(sizes).collect()
}

fn count(text: &str) -> usize {
    if text.len() > LONGEST { text.len() / BYTES } else { o200k().count(text) }
}

/// Counts the tokens of a list of all tools.
pub fn list_tokens(connector: &Connector, surface: &Surface<'_>) -> usize {
    tool_tokens(connector, surface).iter().sum()
}

/// Counts the tokens of each tool in a list: first the tools in the order of the surface, then the merged tools.
pub fn tool_tokens(connector: &Connector, surface: &Surface<'_>) -> Vec<usize> {
    let counter = TokenCounter::new(connector);
    let tools: Vec<&NamedTool<'_>> = surface.tools().collect();
    let mut tokens =
        side_by_side(tools.iter(), tools.len(), |(), tool| counter.count(tool, &ToolRow::of(tool)));
    tokens.extend(connector.merges.iter().map(|merge| counter.count_merge(merge, &MergeRow::of(merge))));
    tokens
}

#[cfg(test)]
mod tests {
    use super::o200k;

    /// The expected counts come from bpe-openai 0.3.2.
    #[test]
    fn token_counts_equal_the_counts_of_bpe_openai() {
        let repeated = |text: &str, times: usize| text.repeat(times);
        for (text, tokens) in [
            (String::new(), 0),
            ("Adds a book to the shop's catalogue.".to_owned(), 9),
            (r#"{"name":"add_book","inputSchema":{"type":"object","properties":{"title":{"type":"string","maxLength":200}},"required":["title"],"additionalProperties":false}}"#.to_owned(), 37),
            (r#"{"$defs": {"Price": {"type": ["number", "null"], "pattern": "^\\d+(\\.\\d{2})?$"}}}"#.to_owned(), 32),
            ("GET /books/{bookId}/reviews?page=1&per_page=100".to_owned(), 16),
            ("line one\n  line two\r\n\tline three\n\n\n".to_owned(), 10),
            ("Größe, prix, цена, 価格, السعر, 🏷️ 👩‍👩‍👧‍👦".to_owned(), 27),
            ("I'LL don't WE'RE it's e\u{301}'S".to_owned(), 11),
            ("1234567890 3.14159 0x7f ٣٤".to_owned(), 17),
            (".\n/ {{}} [[ ]] !!?? ---- ____".to_owned(), 9),
            ("\u{0}\u{200b}\u{202e}<|endoftext|>".to_owned(), 10),
            (repeated("ü", 5_000), 2_500),
            (repeated(" ", 5_000), 40),
            (repeated("a \r\n  b\t\n", 500), 2_500),
        ] {
            assert_eq!(o200k().count(&text), tokens, "{}", text.chars().take(40).collect::<String>());
        }
    }

    /// A document can contain a word of a million letters. A tokenizer that takes quadratic time in the
    /// length of words would not finish.
    #[test]
    fn tokens_of_a_very_long_word_are_counted_in_less_than_quadratic_time() {
        assert_eq!(o200k().count(&"a".repeat(1 << 20)), 131_072);
    }
}
