//! The detectors. Each finds the tools of a document that have one weakness.

mod argument;
mod description;
mod effect;
mod hit;
mod limit;
mod name;
mod verb;

use super::document::Document;
use hit::Hit;

/// Finds the tools of a document that have a weakness.
pub(super) type Detector = fn(&Document) -> Vec<Hit>;

/// All detectors by name, in the order in which their counts are printed.
pub(super) const ALL: [(&str, Detector); 14] = [
    ("identical_descriptions", description::identical),
    ("route_only_descriptions", description::route_only),
    ("short_descriptions", description::short),
    ("unfinished_descriptions", description::unfinished),
    ("lost_limits", limit::lost),
    ("arguments_without_text", argument::without_text),
    ("setting_like_arguments", argument::setting_like),
    ("secret_like_arguments", argument::secret_like),
    ("names_with_versions", name::with_version),
    ("names_with_methods", name::with_method),
    ("names_with_digests", name::with_digest),
    ("dropped_verbs", name::without_verb),
    ("reading_posts_not_reads", effect::reading_posts),
    ("destroying_words_not_destroys", effect::destroying_words),
];

#[cfg(test)]
mod tests;
