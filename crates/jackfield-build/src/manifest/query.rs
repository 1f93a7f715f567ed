//! `[query]`: values of query parameters that have one value for all requests.

use std::collections::BTreeMap;

use toml::Spanned;

use super::refusal::{Refusal, Span};

pub(super) fn parse(
    written: BTreeMap<Spanned<String>, Spanned<String>>,
) -> Result<Vec<(String, String, Span)>, Refusal> {
    let mut query = Vec::new();
    for (name, value) in written {
        let (span, value_span) = (name.span(), value.span());
        let value = value.into_inner();
        if value.is_empty() || value.chars().any(char::is_control) {
            let problem = format!("{value:?} cannot be the value of a query parameter");
            let help = "write a string without control characters";
            return Err(Refusal::new(value_span, problem, help));
        }
        query.push((name.into_inner(), value, span));
    }
    Ok(query)
}
