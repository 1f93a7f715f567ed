//! Inverted lists: for each term, the documents that contain the term, and the score of the term in each of these documents.

use bytes::Bytes;

use super::document::{FIELDS, SearchField};
use super::packed::Packed;
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
    pub(super) offsets: Packed,
    pub(super) rarity: Packed,
    pub(super) documents: Packed,
    pub(super) scores: Packed,
    /// A bit for each field in which the term occurs.
    pub(super) fields: Bytes,
}

/// The list of a term, in the order of documents.
#[derive(Clone, Copy, Default)]
pub(super) struct PostingList<'p> {
    documents: &'p [[u8; 4]],
    scores: &'p [[u8; 4]],
    fields: &'p [u8],
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
        let (mut documents, mut scores) = (vec![[0; 4]; total], vec![[0; 4]; total]);
        let mut fields = vec![0; total];
        let mut next = offsets.clone();
        occurrences.for_each_weighted(weights, |document, term, weighted, in_fields| {
            let at = next[term as usize];
            next[term as usize] += 1;
            let score = rarity[term as usize] * weighted * (SATURATION + 1.0) / (SATURATION + weighted);
            documents[at] = document.to_le_bytes();
            scores[at] = score.to_le_bytes();
            fields[at] = in_fields;
        });
        Self {
            offsets: Packed::of_numbers(
                offsets.into_iter().map(|offset| u32::try_from(offset).unwrap_or(u32::MAX)),
            ),
            rarity: Packed::of_floats(rarity),
            documents: Packed::of(documents),
            scores: Packed::of(scores),
            fields: Bytes::from(fields),
        }
    }

    /// Whether the parts belong together: each list is within the entries, and each list has a rarity.
    pub(super) fn is_consistent(&self) -> bool {
        let last = self.offsets.len().checked_sub(1);
        last == Some(self.rarity.len())
            && self.offsets.is_ascending()
            && last.and_then(|last| self.offsets.number(last)) == u32::try_from(self.documents.len()).ok()
            && [self.scores.len(), self.fields.len()] == [self.documents.len(); 2]
    }

    pub(super) fn list(&self, term: u32) -> PostingList<'_> {
        let offset = |term| self.offsets.number(term).unwrap_or_default() as usize;
        let range = offset(term as usize)..offset(term as usize + 1);
        PostingList {
            documents: self.documents.all().get(range.clone()).unwrap_or_default(),
            scores: self.scores.all().get(range.clone()).unwrap_or_default(),
            fields: self.fields.get(range).unwrap_or_default(),
        }
    }

    /// Returns the inverse document frequency of a term.
    pub(super) fn rarity(&self, term: u32) -> f32 {
        self.rarity.float(term as usize).unwrap_or_default()
    }
}

impl PostingList<'_> {
    pub(super) fn len(&self) -> usize {
        self.documents.len()
    }

    /// Returns the documents that contain the term, each with the score of the term.
    pub(super) fn scored(&self) -> impl Iterator<Item = (u32, f32)> {
        let both = self.documents.iter().zip(self.scores);
        both.map(|(document, score)| (u32::from_le_bytes(*document), f32::from_le_bytes(*score)))
    }

    /// Returns the score of the term in a document, and the fields that contain the term.
    pub(super) fn of(&self, document: u32) -> Option<(f32, u8)> {
        let at = self.documents.binary_search_by_key(&document, |it| u32::from_le_bytes(*it)).ok()?;
        Some((f32::from_le_bytes(*self.scores.get(at)?), *self.fields.get(at)?))
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
