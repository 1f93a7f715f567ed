//! `[describe]`, `[retitle]` and `instructions`: texts that replace the texts of the document.

use jackfield_surface::Description;
use toml::Spanned;

use super::refusal::{Refusal, Span};
use super::written::{WrittenBoth, WrittenDescription};
use super::written_text;

pub(super) fn description(span: &Span, written: WrittenDescription) -> Result<Description, Refusal> {
    let (title, text) = match written {
        WrittenDescription::Text(text) => (None, Some(text)),
        WrittenDescription::Both(WrittenBoth { title, description }) => (title, description),
    };
    if title.is_none() && text.is_none() {
        let problem = "the table of [describe] changes nothing";
        return Err(Refusal::new(span.clone(), problem, "add `title` or `description`, or remove the table"));
    }
    Ok(Description {
        title: title.map(|title| written_text::title("`title` of [describe]", title, span)).transpose()?,
        text: text.map(|text| written_text::text("the text of [describe]", text, span)).transpose()?,
    })
}

pub(super) fn title(written: Spanned<String>) -> Result<String, Refusal> {
    let span = written.span();
    written_text::title("the title of [retitle]", written.into_inner(), &span)
}

pub(super) fn instructions(written: Option<Spanned<String>>) -> Result<Option<String>, Refusal> {
    let Some(written) = written else { return Ok(None) };
    let span = written.span();
    written_text::text("`instructions`", written.into_inner(), &span).map(Some)
}
