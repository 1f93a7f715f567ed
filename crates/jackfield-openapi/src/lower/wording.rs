//! The title and the description of an operation.

use jackfield_model::Method;
use jackfield_model::text::BODY;

use super::text;
use crate::document::Node;

/// The maximum length of a title.
const TITLE: usize = 100;

pub(crate) struct Wording {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) deprecated: bool,
}

/// Returns the title in a text of the document.
pub(super) fn title(said: &str) -> String {
    let line = text::one_line(&text::clean(said));
    text::shorten(line.trim_end_matches('.'), TITLE)
}

/// Creates title and description without repetition. A missing title or description is taken from the path item.
/// Descriptions of the body follow.
pub(crate) fn of(
    shell: &openapiv3::Operation,
    method: &Method,
    template: &str,
    item: &Node<'_>,
    of_body: &[String],
) -> Wording {
    let summary = text::one_line(&text::clean(shell.summary.as_deref().unwrap_or_default()));
    let described = text::clean(shell.description.as_deref().unwrap_or_default());
    let title = match (summary.as_str(), described.lines().next()) {
        ("", None) => format!("{method} {}", text::one_line(&text::clean(template))),
        ("", Some(first)) => text::one_line(first.split(". ").next().unwrap_or(first)),
        (summary, _) => summary.to_owned(),
    };
    let title = text::shorten(title.trim_end_matches('.'), TITLE);
    let says_deprecated = text::says_deprecated(&summary) || text::says_deprecated(&described);
    let of_item = [("summary", summary.is_empty()), ("description", described.is_empty())]
        .into_iter()
        .filter_map(|(key, is_missing)| item.text(key).filter(|_| is_missing));
    let mut description = if described.is_empty() {
        summary
    } else if summary.is_empty()
        || described.to_lowercase().starts_with(summary.trim_end_matches('.').to_lowercase().as_str())
    {
        described
    } else {
        format!("{}.\n\n{described}", summary.trim_end_matches('.'))
    };
    of_item.for_each(|said| add(said, "", template, &mut description));
    let mut before = BODY;
    for said in of_body {
        let length = description.len();
        add(said, before, template, &mut description);
        if description.len() > length {
            before = "";
        }
    }
    if shell.deprecated && !says_deprecated {
        description.insert_str(0, "Deprecated. ");
    }
    Wording { title, description, deprecated: shell.deprecated || says_deprecated }
}

/// Adds a paragraph, unless the description and the route already say the same.
fn add(said: &str, before: &str, template: &str, description: &mut String) {
    let said = text::clean(said);
    if text::says_more(&said, &format!("{template} {description}")) {
        let gap = if description.is_empty() { "" } else { "\n\n" };
        description.push_str(&format!("{gap}{before}{said}"));
    }
}
