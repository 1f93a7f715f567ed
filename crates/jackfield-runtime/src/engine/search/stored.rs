//! The index as bytes, so that a program that searches once does not build it.
//!
//! The bytes are: a mark, the version of the format, a checksum, the length of each part, and the parts. An index that is read uses
//! the parts where they are.

use std::fmt;
#[cfg(feature = "encoder")]
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Crc;
use jackfield_recipe::Effect;

use super::index::SearchIndex;
use super::lexicon::Lexicon;
use super::packed::Packed;
use super::postings::PostingLists;

const MARK: &[u8; 8] = b"jf-index";
/// The version of the format. It changes with every change of the parts, of the words and of the weights.
const VERSION: u32 = 1;
/// The number of parts.
const PARTS: usize = 18;
/// The position after the checksum, which covers all bytes from here on.
const CHECKED: usize = 16;
/// The position after the lengths of the parts.
const HEAD: usize = CHECKED + PARTS * 8;

/// The reason why bytes are not an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoredIndexError {
    /// The bytes are not an index of this version.
    OtherFormat,
    /// Bytes are missing or damaged.
    Damaged,
}

impl fmt::Display for StoredIndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherFormat => "the search index was stored by another version of this program",
            Self::Damaged => "the search index is damaged",
        })
    }
}

impl std::error::Error for StoredIndexError {}

impl SearchIndex {
    /// Returns the index as bytes, without vectors of an encoder.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { lexicon, words, grams, groups, priors, effects, .. } = self;
        let groups = Packed::of_numbers(groups.iter().copied());
        let priors = Packed::of_floats(priors.iter().copied());
        let effects = Bytes::from_iter(effects.iter().map(|effect| code_of(*effect)));
        let parts: [&Bytes; PARTS] = [
            &lexicon.stems,
            lexicon.stem_ends.as_bytes(),
            lexicon.stem_numbers.as_bytes(),
            lexicon.grams.as_bytes(),
            lexicon.gram_numbers.as_bytes(),
            words.offsets.as_bytes(),
            words.rarity.as_bytes(),
            words.documents.as_bytes(),
            words.scores.as_bytes(),
            &words.fields,
            grams.offsets.as_bytes(),
            grams.rarity.as_bytes(),
            grams.documents.as_bytes(),
            grams.scores.as_bytes(),
            &grams.fields,
            groups.as_bytes(),
            priors.as_bytes(),
            &effects,
        ];
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let mut bytes = Vec::with_capacity(HEAD + length);
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        parts.iter().for_each(|part| bytes.extend_from_slice(&(part.len() as u64).to_le_bytes()));
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        let checksum = checksum(bytes.get(CHECKED..).unwrap_or_default());
        if let Some(place) = bytes.get_mut(CHECKED - 4..CHECKED) {
            place.copy_from_slice(&checksum.to_le_bytes());
        }
        bytes
    }

    /// Reads an index from the bytes of [`to_bytes`](Self::to_bytes). The parts are not copied.
    ///
    /// # Errors
    /// Returns an error if the bytes are damaged, or if another version of this program has written them.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, StoredIndexError> {
        let bytes = bytes.into();
        let (mark, rest) = bytes.split_first_chunk::<8>().ok_or(StoredIndexError::OtherFormat)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(StoredIndexError::OtherFormat)?;
        if mark != MARK || u32::from_le_bytes(*version) != VERSION {
            return Err(StoredIndexError::OtherFormat);
        }
        let (stored, checked) = rest.split_first_chunk::<4>().ok_or(StoredIndexError::Damaged)?;
        if u32::from_le_bytes(*stored) != checksum(checked) {
            return Err(StoredIndexError::Damaged);
        }
        parts(&bytes).and_then(|parts| read(parts).filter(is_consistent)).ok_or(StoredIndexError::Damaged)
    }
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut checksum = Crc::new();
    checksum.update(bytes);
    checksum.sum()
}

/// Returns the parts. `None` if their lengths do not add up to the length of the bytes.
fn parts(bytes: &Bytes) -> Option<[Bytes; PARTS]> {
    let (lengths, _) = bytes.get(CHECKED..HEAD)?.as_chunks::<8>();
    let mut parts: [Bytes; PARTS] = Default::default();
    let mut begin = HEAD;
    for (part, length) in parts.iter_mut().zip(lengths) {
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let end = begin.checked_add(length).filter(|end| *end <= bytes.len())?;
        *part = bytes.slice(begin..end);
        begin = end;
    }
    (begin == bytes.len()).then_some(parts)
}

fn read(parts: [Bytes; PARTS]) -> Option<SearchIndex> {
    let mut parts = parts.into_iter();
    let mut next = || parts.next();
    let lexicon = Lexicon {
        stems: next()?,
        stem_ends: Packed::stored(next()?)?,
        stem_numbers: Packed::stored(next()?)?,
        grams: Packed::stored(next()?)?,
        gram_numbers: Packed::stored(next()?)?,
    };
    let mut lists = || {
        Some(PostingLists {
            offsets: Packed::stored(next()?)?,
            rarity: Packed::stored(next()?)?,
            documents: Packed::stored(next()?)?,
            scores: Packed::stored(next()?)?,
            fields: next()?,
        })
    };
    let (words, grams) = (lists()?, lists()?);
    let groups: Vec<u32> =
        Packed::stored(next()?)?.all().iter().map(|group| u32::from_le_bytes(*group)).collect();
    let priors = Packed::stored(next()?)?.all().iter().map(|prior| f32::from_le_bytes(*prior)).collect();
    let effects = next()?.iter().map(|code| effect_of(*code)).collect::<Option<Vec<_>>>()?;
    let group_count = groups.iter().max().map_or(0, |last| *last as usize + 1);
    Some(SearchIndex {
        lexicon,
        words,
        grams,
        groups,
        priors,
        effects,
        group_count,
        #[cfg(feature = "encoder")]
        meanings: OnceLock::new(),
    })
}

/// Whether the parts belong together. A search allocates memory for each document and each group.
fn is_consistent(index: &SearchIndex) -> bool {
    let count = index.groups.len();
    index.lexicon.is_consistent()
        && index.words.is_consistent()
        && index.grams.is_consistent()
        && [index.priors.len(), index.effects.len()] == [count; 2]
        && index.group_count <= count
}

const fn code_of(effect: Option<Effect>) -> u8 {
    match effect {
        None => 0,
        Some(Effect::Read) => 1,
        Some(Effect::Write) => 2,
        Some(Effect::Destroy) => 3,
    }
}

/// Returns the effect of a code. The outer `None` means that no effect has the code.
const fn effect_of(code: u8) -> Option<Option<Effect>> {
    match code {
        0 => Some(None),
        1 => Some(Some(Effect::Read)),
        2 => Some(Some(Effect::Write)),
        3 => Some(Some(Effect::Destroy)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::SearchDocument;
    use super::*;

    fn index(names: &[(&str, &str, Option<Effect>)]) -> SearchIndex {
        SearchIndex::new(names.iter().map(|(name, description, effect)| SearchDocument {
            name: (*name).to_owned(),
            description: (*description).to_owned(),
            group: "group".to_owned(),
            effect: *effect,
            ..SearchDocument::default()
        }))
    }

    fn library() -> SearchIndex {
        index(&[
            ("list_loans", "Lists the loans of a member.", Some(Effect::Read)),
            ("renew_loan", "Extends the due date of a loan.", Some(Effect::Write)),
            ("delete_member", "Removes a member and their größe.", Some(Effect::Destroy)),
            ("search_catalogue", "Finds books by author.", None),
        ])
    }

    #[test]
    fn stored_index_finds_the_same_as_the_index_that_was_stored() {
        for built in [library(), index(&[]), index(&[("", "", None)])] {
            let read = SearchIndex::from_bytes(built.to_bytes()).unwrap();
            assert_eq!(read.len(), built.len());
            for query in ["loans of a member", "erase", "catalog", "authr", "größe", "list", "?"] {
                let found = |index: &SearchIndex| index.search(query, 5, |_| true);
                assert_eq!(found(&read), found(&built), "{query}");
            }
            assert_eq!(read.to_bytes(), built.to_bytes());
        }
    }

    #[test]
    fn damage_at_every_position_is_an_error() {
        let sound = library().to_bytes();
        for at in 0..sound.len() {
            for change in [1, 0x80, 0xff] {
                let mut bytes = sound.clone();
                bytes[at] ^= change;
                assert!(SearchIndex::from_bytes(bytes).is_err(), "{at} {change}");
            }
            assert!(SearchIndex::from_bytes(sound[..at].to_vec()).is_err(), "{at}");
        }
        let longer = [&sound[..], &[0]].concat();
        assert_eq!(SearchIndex::from_bytes(longer).unwrap_err(), StoredIndexError::Damaged);
    }

    /// Damage that a checksum cannot show, because it was computed after the damage.
    #[test]
    fn damage_with_a_valid_checksum_never_panics() {
        let sound = library().to_bytes();
        for at in CHECKED..sound.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bytes = sound.clone();
                bytes[at] = value;
                let sum = checksum(&bytes[CHECKED..]);
                bytes[CHECKED - 4..CHECKED].copy_from_slice(&sum.to_le_bytes());
                if let Ok(index) = SearchIndex::from_bytes(bytes) {
                    assert!(index.group_count <= index.len());
                    for query in ["loans of a member", "erase the catalogue", "größe"] {
                        assert!(index.search(query, 5, |_| true).len() <= 5);
                    }
                }
            }
        }
    }
}
