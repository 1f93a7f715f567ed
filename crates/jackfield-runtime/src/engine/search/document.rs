//! The documents that a search ranks: the texts of a tool, by field.

use std::fmt;

use jackfield_recipe::Effect;

/// A tool as the search indexes it. Fields that a tool does not have are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchDocument {
    /// The name of the tool.
    pub name: String,
    /// The summary or title.
    pub summary: String,
    /// The path of the operation, such as `/repos/{owner}/issues`. Its placeholders are not indexed.
    pub path: String,
    /// The group of the tool: the API, or the tag of the operation. A good match raises the scores of the other tools in its group.
    pub group: String,
    /// Tags and categories.
    pub tags: Vec<String>,
    /// The arguments.
    pub arguments: Vec<SearchArgument>,
    /// The description.
    pub description: String,
    /// The effect, if known. A question lowers the scores of tools that do more than read, and a request to change something lowers the
    /// scores of tools that only read.
    pub effect: Option<Effect>,
}

/// An argument of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchArgument {
    /// The name of the argument.
    pub name: String,
    /// The description of the argument.
    pub description: String,
}

/// A field of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchField {
    /// The name.
    Name,
    /// The summary.
    Summary,
    /// The path.
    Path,
    /// The group.
    Group,
    /// The tags.
    Tags,
    /// The names of arguments.
    ArgumentNames,
    /// The descriptions of arguments.
    ArgumentTexts,
    /// The description.
    Description,
}

/// The number of fields.
pub(super) const FIELDS: usize = 8;

/// All fields, in the order of their discriminants.
pub(super) const ALL_FIELDS: [SearchField; FIELDS] = [
    SearchField::Name,
    SearchField::Summary,
    SearchField::Path,
    SearchField::Group,
    SearchField::Tags,
    SearchField::ArgumentNames,
    SearchField::ArgumentTexts,
    SearchField::Description,
];

/// The maximum number of bytes of a field that are indexed. Longer texts are mostly changelogs and tables, which say little about the tool.
const LONGEST_FIELD: usize = 4_096;

impl SearchDocument {
    /// Calls `each` with every text of the document, up to the maximum length of its field.
    pub(super) fn for_each_text(&self, mut each: impl FnMut(SearchField, &str)) {
        let single = [
            (SearchField::Name, &self.name),
            (SearchField::Summary, &self.summary),
            (SearchField::Group, &self.group),
            (SearchField::Description, &self.description),
        ];
        for (field, text) in single {
            each(field, truncated(text, LONGEST_FIELD));
        }
        let mut left = LONGEST_FIELD;
        for segment in self.path_segments() {
            each(SearchField::Path, take(segment, &mut left));
        }
        let mut left = LONGEST_FIELD;
        for tag in &self.tags {
            each(SearchField::Tags, take(tag, &mut left));
        }
        let (mut left_of_names, mut left_of_texts) = (LONGEST_FIELD, LONGEST_FIELD);
        for argument in &self.arguments {
            each(SearchField::ArgumentNames, take(&argument.name, &mut left_of_names));
            each(SearchField::ArgumentTexts, take(&argument.description, &mut left_of_texts));
        }
    }
}

impl SearchDocument {
    fn path_segments(&self) -> impl Iterator<Item = &str> {
        self.path.split('/').filter(|segment| !segment.starts_with('{'))
    }

    /// Returns the number of words in the path without its placeholders: more for `/users/{id}/keys` than for `/users`.
    pub(super) fn path_words(&self) -> usize {
        let mut words = 0;
        for segment in self.path_segments() {
            super::words::for_each_word(truncated(segment, LONGEST_FIELD), |_| words += 1);
        }
        words
    }
}

/// The number of texts of a tool that are encoded.
#[cfg(feature = "encoder")]
pub(super) const MEANINGS: usize = 2;

#[cfg(feature = "encoder")]
impl SearchDocument {
    /// Returns the texts of a tool that are encoded: the sentence that describes the tool, and the same sentence after the group and the
    /// name. A name may say more than the sentence (`refund_payment`), or nothing (`Bohita`).
    pub(super) fn meanings(&self) -> [String; MEANINGS] {
        let mut name = String::new();
        super::words::for_each_word(&self.name, |word| {
            name.push(' ');
            name.push_str(word);
        });
        let sentence = self.sentence();
        let sentence = if sentence.is_empty() { name.trim() } else { sentence };
        [
            sentence.to_owned(),
            format!("{}{name}: {sentence}", truncated(&self.group, LONGEST_FIELD)).trim().to_owned(),
        ]
    }

    /// Returns the summary, or else the first sentence of the description.
    fn sentence(&self) -> &str {
        let summary = truncated(self.summary.trim(), LONGEST_FIELD);
        if !summary.is_empty() {
            return summary;
        }
        let description = truncated(self.description.trim(), LONGEST_FIELD);
        let mut ends = description.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
        let end = ends.find(|end| description[*end..].starts_with(char::is_whitespace));
        end.map_or(description, |end| &description[..end])
    }
}

impl SearchField {
    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for SearchField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Summary => "summary",
            Self::Path => "path",
            Self::Group => "group",
            Self::Tags => "tags",
            Self::ArgumentNames => "arguments",
            Self::ArgumentTexts => "argument descriptions",
            Self::Description => "description",
        })
    }
}

/// Returns the beginning of a text, at most `most` bytes.
pub(super) fn truncated(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

fn take<'t>(text: &'t str, left: &mut usize) -> &'t str {
    let taken = truncated(text, *left);
    *left -= taken.len();
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_field_discriminants_match_their_positions_in_all_fields() {
        for (at, field) in ALL_FIELDS.into_iter().enumerate() {
            assert_eq!(field as usize, at);
        }
    }

    #[test]
    fn placeholders_in_url_paths_are_not_indexed_for_search() {
        let document =
            SearchDocument { path: "/repos/{owner}/issues".to_owned(), ..SearchDocument::default() };
        let mut read = Vec::new();
        document.for_each_text(|field, text| {
            if field == SearchField::Path {
                read.push(text.to_owned());
            }
        });
        assert_eq!(read, ["", "repos", "issues"]);
    }

    #[cfg(feature = "encoder")]
    #[test]
    fn description_of_a_tool_is_encoded_with_and_without_its_name() {
        let mut document = SearchDocument {
            name: "renewLoan".to_owned(),
            group: "loans".to_owned(),
            description: "Extends a loan by 2.5 weeks. Members only!".to_owned(),
            ..SearchDocument::default()
        };
        let sentence = "Extends a loan by 2.5 weeks.";
        assert_eq!(document.meanings(), [sentence.to_owned(), format!("loans renew loan: {sentence}")]);
        document.summary = "Renew a loan".to_owned();
        assert_eq!(document.meanings()[0], "Renew a loan");
        document = SearchDocument { name: "renewLoan".to_owned(), ..SearchDocument::default() };
        assert_eq!(document.meanings(), ["renew loan", "renew loan: renew loan"]);
    }

    #[test]
    fn long_fields_are_indexed_for_search_only_up_to_a_limit() {
        let argument = SearchArgument { name: "ä".repeat(3_000), description: String::new() };
        let document = SearchDocument { arguments: vec![argument; 10], ..SearchDocument::default() };
        let mut read = 0;
        document.for_each_text(|_, text| read += text.len());
        assert_eq!(read, LONGEST_FIELD);
    }
}
