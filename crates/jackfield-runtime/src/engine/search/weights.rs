//! The weights of the ranking. They were fitted on one half of each of three public sets of tools and queries
//! (ADR 0036). A stored index contains scores, so a change of a weight needs a new version of its format (`stored.rs`).

use super::document::FIELDS;

/// The weight of each field, and the discount for long texts of the field (0 to 1).
pub(super) struct FieldWeights {
    pub(super) weight: [f32; FIELDS],
    pub(super) length: [f32; FIELDS],
}

// The fields are in the order of `SearchField`: name, summary, path, group, tags, argument names, argument texts, description.
pub(super) const WORDS: FieldWeights = FieldWeights {
    weight: [3.0, 2.0, 1.0, 2.0, 1.0, 1.0, 0.3, 1.0],
    length: [0.3, 0.3, 0.5, 0.3, 0.3, 0.5, 0.5, 0.75],
};
/// The weights of grams (runs of four characters), which match compounds and misspelt words. Their matches in tags and in texts of
/// arguments are accidental.
pub(super) const GRAMS: FieldWeights = FieldWeights {
    weight: [2.0, 1.0, 0.5, 1.0, 0.0, 1.0, 0.0, 0.5],
    length: [0.3, 0.3, 0.5, 0.3, 0.3, 0.75, 0.5, 0.75],
};

/// The parameter k1 of BM25. With a larger value, additional occurrences of a word in a document add more to the score.
pub(super) const SATURATION: f32 = 1.2;
/// The parameter k3 of BM25. With a larger value, repetitions of a word in a query add more to the score.
pub(super) const QUERY_SATURATION: f32 = 2.0;
/// The total weight of the grams of an unknown word, relative to the weight of a known word. The total is then divided by the square root
/// of the number of grams.
pub(super) const GRAM: f32 = 0.4;
/// The factor for the weight of grams of a query word that a document contains unchanged.
pub(super) const GRAM_OF_KNOWN_WORD: f32 = 0.5;
/// The weight of a verb that has the same meaning as a verb in the query.
pub(super) const SYNONYM: f32 = 0.4;
/// The share of the best score in a group that is added to all matching tools of the group, because a request
/// often needs several tools of one API.
pub(super) const GROUP: f32 = 0.3;
/// The share of a word's weight that is subtracted when a better hit contains the word, so that hits cover
/// all parts of a request.
pub(super) const COVERED: f32 = 0.3;
/// The weight of words in values, such as `cus_1` and `acme/site`: the user's data, not the task.
pub(super) const VALUE: f32 = 0.3;
/// The factor for tools whose effect is not the effect that the query asks for.
pub(super) const OTHER_EFFECT: f32 = 0.7;
/// The reduction of the score for each word of a path after the first: the basic operations of an API have short paths.
pub(super) const PATH_WORD: f32 = 0.04;
/// The maximum number of words of a path that reduce the score.
pub(super) const MOST_PATH_WORDS: usize = 10;
/// The factor for tools whose texts begin with the word `deprecated`.
pub(super) const DEPRECATED: f32 = 0.8;
