//! Findings with line numbers, which are computed only when findings are printed.

use std::fmt;

use jackfield_model::{Diagnostic, Fix, Pointer, Severity, visible, visible_line};
use jackfield_openapi::source::Position;
use jackfield_openapi::{Document, Source};

/// The maximum column at which an excerpt of the line is shown.
const FAR: usize = 200;

/// A finding with everything that is printed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// The line, if the place is in a text file.
    pub line: Option<Line>,
    /// The operation that the finding causes to be skipped, such as `GET /books`.
    pub operation: Option<String>,
}

/// A line of a document with the position to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line number, from 1.
    pub number: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The text of the line, or of the part around the column.
    pub text: String,
    /// The position of the caret in `text`.
    pub caret: usize,
    /// The number of characters to mark.
    pub length: usize,
}

impl Line {
    fn of(position: Position) -> Self {
        Self {
            number: position.line,
            column: position.column,
            text: position.excerpt,
            caret: position.caret,
            length: position.len,
        }
    }
}

impl Shown {
    pub(crate) const fn without_lines(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, line: None, operation: None }
    }

    /// Adds line numbers from the files of a document.
    pub fn in_document(diagnostics: Vec<Diagnostic>, document: &Document) -> Vec<Self> {
        Self::all(diagnostics, document.sources())
    }

    /// Adds line numbers. Each file is read once.
    pub(crate) fn all<'s>(
        diagnostics: Vec<Diagnostic>,
        sources: impl Iterator<Item = &'s Source>,
    ) -> Vec<Self> {
        let mut shown: Vec<Self> = diagnostics.into_iter().map(Self::without_lines).collect();
        for source in sources {
            let here: Vec<usize> = (0..shown.len())
                .filter(|at| {
                    shown[*at].diagnostic.place.as_ref().is_some_and(|place| place.file == *source.name())
                })
                .collect();
            let pointers: Vec<&Pointer> = here
                .iter()
                .filter_map(|at| shown[*at].diagnostic.place.as_ref())
                .map(|place| &place.pointer)
                .collect();
            let lines: Vec<Option<Line>> =
                source.locate_all(&pointers).into_iter().map(|position| position.map(Line::of)).collect();
            for (at, line) in here.into_iter().zip(lines) {
                shown[at].line = line;
            }
        }
        shown
    }

    /// Returns the problem, preceded by the skipped operation.
    pub fn problem(&self) -> String {
        match &self.operation {
            Some(operation) => format!("{operation}: {}", self.diagnostic.problem),
            None => self.diagnostic.problem.clone(),
        }
    }

    /// Returns `error`, `warning` or `note`.
    pub const fn severity(&self) -> &'static str {
        match self.diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }

    /// Returns the position, such as `specs/bookshop.yaml:12:5`, or the pointer if the line is unknown. Invisible characters are escaped.
    pub fn position(&self) -> Option<String> {
        let place = self.diagnostic.place.as_ref()?;
        let position = match &self.line {
            Some(line) => format!("{}:{}:{}", place.file, line.number, line.column),
            None if place.pointer.as_str().is_empty() => place.file.to_string(),
            None => place.to_string(),
        };
        Some(visible_line(&position).into_owned())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let finding = &self.diagnostic;
        write!(f, "{}[{}]: {}", self.severity(), finding.code, visible(&self.problem()))?;
        if let Some(position) = self.position() {
            write!(f, "\n  --> {position}")?;
        }
        if let Some(line) = &self.line {
            let number = line.number.to_string();
            let margin = " ".repeat(number.len());
            // Escapes make the text before the caret longer, so its length is computed after escaping.
            let split = line.text.char_indices().nth(line.caret).map_or(line.text.len(), |(at, _)| at);
            let before = visible_line(&line.text[..split]);
            let after = visible_line(&line.text[split..]);
            let indent = " ".repeat(before.chars().count().max(line.caret));
            let carets = "^".repeat(line.length.max(1));
            write!(f, "\n{margin} |\n{number} | {before}{after}\n{margin} | {indent}{carets}")?;
        }
        // In a very long line, a pointer helps more than a column.
        if let (Some(line), Some(place)) = (&self.line, &finding.place)
            && line.column > FAR
        {
            write!(f, "\n  = at: {}", visible_line(&place.pointer.to_string()))?;
        }
        if !finding.consequence.is_empty() {
            write!(f, "\n  = so: {}", visible(&finding.consequence))?;
        }
        if !finding.remedy.is_empty() {
            write!(f, "\n  = help: {}", visible(&finding.remedy))?;
        }
        write_fixes(f, finding.fix.as_slice(), 0)?;
        writeln!(f)
    }
}

/// Writes the lines that correct findings, for pasting.
pub(crate) fn write_fixes<'f>(
    f: &mut fmt::Formatter<'_>,
    fixes: impl IntoIterator<Item = &'f Fix>,
    more: usize,
) -> fmt::Result {
    let fixes: Vec<&Fix> = fixes.into_iter().collect();
    let Some(first) = fixes.first() else { return Ok(()) };
    write!(f, "\n  = fix: in {}", first.file())?;
    for line in visible(&Fix::text(fixes)).lines() {
        write!(f, "\n      {line}")?;
    }
    if more > 0 {
        write!(f, "\n      # and {more} more: --all shows each")?;
    }
    Ok(())
}
