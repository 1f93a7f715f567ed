//! Inverted lists: for each term, the documents that contain the term, and the score of the term in each of these documents.

use super::document::{FIELDS, SearchField};
use super::weights::{FieldWeights, SATURATION};

/// The occurrences of terms in documents, in the order of documents.
#[derive(Default)]
pub(super) struct Occurrences {
    /// The terms of the current document.
    current: Vec<(u32, SearchField)>,
    current_lengths: [f32; FIELDS],
    /// The terms of all documents: term, field and count, sorted by term within a document.
    counted: Vec<(u32, SearchField, f32)>,
    /// For each document, the end of its entries in `counted`.
    ends: Vec<usize>,
    lengths: Vec<[f32; FIELDS]>,
}

/// The lists of all terms, stored one after the other.
pub(super) struct PostingLists {
    /// The start of each list, and the end of the last one.
    offsets: Vec<usize>,
    rarity: Vec<f32>,
    documents: Vec<u32>,
    scores: Vec<f32>,
    /// A bit for each field in which the term occurs.
    fields: Vec<u8>,
}

/// The list of a term, in the order of documents.
#[derive(Clone, Copy, Default)]
pub(super) struct PostingList<'p> {
    pub(super) documents: &'p [u32],
    pub(super) scores: &'p [f32],
    pub(super) fields: &'p [u8],
}

impl Occurrences {
    pub(super) fn add(&mut self, term: u32, field: SearchField) {
        self.current_lengths[field as usize] += 1.0;
        self.add_without_length(term, field);
    }

    pub(super) fn add_without_length(&mut self, term: u32, field: SearchField) {
        self.current.push((term, field));
    }

    pub(super) fn end_document(&mut self) {
        self.current.sort_unstable();
        for same in self.current.chunk_by(|one, other| one == other) {
            if let Some((term, field)) = same.first() {
                self.counted.push((*term, *field, same.len() as f32));
            }
        }
        self.current.clear();
        self.ends.push(self.counted.len());
        self.lengths.push(std::mem::take(&mut self.current_lengths));
    }

    /// Returns the average length of each field, over the documents that have the field.
    fn average_lengths(&self) -> [f32; FIELDS] {
        std::array::from_fn(|field| {
            let lengths = self.lengths.iter().map(|lengths| lengths[field]).filter(|length| *length > 0.0);
            let (sum, count) = lengths.fold((0.0, 0.0), |(sum, count), length| (sum + length, count + 1.0));
            if count > 0.0 { sum / count } else { 1.0 }
        })
    }

    /// Calls `each` with each document and term, the weighted count of the term, and the bits of its fields.
    fn for_each_weighted(&self, weights: &FieldWeights, mut each: impl FnMut(u32, u32, f32, u8)) {
        let averages = self.average_lengths();
        let mut begin = 0;
        for (document, (end, lengths)) in self.ends.iter().zip(&self.lengths).enumerate() {
            let norms: [f32; FIELDS] = std::array::from_fn(|field| {
                let discount = weights.length[field];
                weights.weight[field] / (1.0 - discount + discount * lengths[field] / averages[field])
            });
            let counted = self.counted.get(begin..*end).unwrap_or_default();
            for same in counted.chunk_by(|one, other| one.0 == other.0) {
                let weighted = same.iter().map(|(_, field, count)| count * norms[*field as usize]).sum();
                let fields = same.iter().fold(0, |fields, (_, field, _)| fields | field.bit());
                if let Some((term, ..)) = same.first() {
                    each(document as u32, *term, weighted, fields);
                }
            }
            begin = *end;
        }
    }
}

impl PostingLists {
    pub(super) fn new(occurrences: &Occurrences, weights: &FieldWeights) -> Self {
        let terms = occurrences.counted.iter().map(|(term, ..)| *term as usize + 1).max().unwrap_or_default();
        let mut offsets = vec![0; terms + 1];
        occurrences.for_each_weighted(weights, |_, term, _, _| offsets[term as usize + 1] += 1);
        let all = occurrences.ends.len() as f32;
        let rarity: Vec<f32> = offsets
            .iter()
            .skip(1)
            .map(|count| ((all - *count as f32 + 0.5) / (*count as f32 + 0.5)).ln_1p())
            .collect();
        for term in 0..terms {
            offsets[term + 1] += offsets[term];
        }
        let total = offsets.last().copied().unwrap_or_default();
        let (mut documents, mut scores, mut fields) = (vec![0; total], vec![0.0; total], vec![0; total]);
        let mut next = offsets.clone();
        occurrences.for_each_weighted(weights, |document, term, weighted, in_fields| {
            let at = next[term as usize];
            next[term as usize] += 1;
            documents[at] = document;
            scores[at] = rarity[term as usize] * weighted * (SATURATION + 1.0) / (SATURATION + weighted);
            fields[at] = in_fields;
        });
        Self { offsets, rarity, documents, scores, fields }
    }

    pub(super) fn list(&self, term: u32) -> PostingList<'_> {
        let offset = |term| self.offsets.get(term).copied().unwrap_or_default();
        let range = offset(term as usize)..offset(term as usize + 1);
        PostingList {
            documents: self.documents.get(range.clone()).unwrap_or_default(),
            scores: self.scores.get(range.clone()).unwrap_or_default(),
            fields: self.fields.get(range).unwrap_or_default(),
        }
    }

    /// Returns the inverse document frequency of a term.
    pub(super) fn rarity(&self, term: u32) -> f32 {
        self.rarity.get(term as usize).copied().unwrap_or_default()
    }
}

impl PostingList<'_> {
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Returns the score of the term in a document, and the fields that contain the term.
    pub(super) fn of(&self, document: u32) -> Option<(f32, u8)> {
        let at = self.documents.binary_search(&document).ok()?;
        Some((*self.scores.get(at)?, *self.fields.get(at)?))
    }
}

#[cfg(test)]
mod tests {
    use super::super::weights::WORDS;
    use super::*;

    #[test]
    fn rare_terms_and_short_fields_raise_the_search_score() {
        let mut occurrences = Occurrences::default();
        for (field, length) in
            [(SearchField::Name, 1), (SearchField::Description, 1), (SearchField::Description, 9)]
        {
            occurrences.add(0, field);
            for other in 1..length {
                occurrences.add(other, field);
            }
            occurrences.end_document();
        }
        let lists = PostingLists::new(&occurrences, &WORDS);
        let [name, short, long] = [0, 1, 2].map(|document| lists.list(0).of(document).unwrap_or_default());
        assert!(name.0 > short.0 && short.0 > long.0, "{name:?} {short:?} {long:?}");
        assert_eq!([name.1, short.1], [SearchField::Name.bit(), SearchField::Description.bit()]);
        assert!(lists.rarity(1) > lists.rarity(0));
        assert_eq!(lists.list(99).len(), 0);
    }
}
