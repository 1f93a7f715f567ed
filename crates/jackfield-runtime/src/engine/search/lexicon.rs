//! Finds the numbers of words and of grams.

use bytes::Bytes;

use super::packed::Packed;
use super::words::Gram;

/// The numbers of stems and of grams (runs of four characters). Both are sorted, so that they are used as they are in a stored index.
pub(super) struct Lexicon {
    /// The stems in order, one after the other.
    pub(super) stems: Bytes,
    /// The end of each stem.
    pub(super) stem_ends: Packed,
    /// The number of each stem.
    pub(super) stem_numbers: Packed,
    /// The grams in order, each as four characters.
    pub(super) grams: Packed,
    /// The number of each gram.
    pub(super) gram_numbers: Packed,
}

impl Lexicon {
    /// Sorts the stems and grams of an index.
    pub(super) fn new(
        stems: impl IntoIterator<Item = (String, u32)>,
        grams: impl IntoIterator<Item = (Gram, u32)>,
    ) -> Self {
        let mut stems: Vec<(String, u32)> = stems.into_iter().collect();
        stems.sort_unstable();
        let mut grams: Vec<(Gram, u32)> = grams.into_iter().collect();
        grams.sort_unstable();
        let mut text = Vec::new();
        let mut ends = Vec::with_capacity(stems.len());
        for (stem, _) in &stems {
            text.extend_from_slice(stem.as_bytes());
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
        Self {
            stems: Bytes::from(text),
            stem_ends: Packed::of_numbers(ends),
            stem_numbers: Packed::of_numbers(stems.into_iter().map(|(_, number)| number)),
            grams: Packed::of_numbers(grams.iter().flat_map(|(gram, _)| gram.map(u32::from))),
            gram_numbers: Packed::of_numbers(grams.into_iter().map(|(_, number)| number)),
        }
    }

    /// Whether the parts belong together: each stem is within the text, and each stem and gram has a number.
    pub(super) fn is_consistent(&self) -> bool {
        let ends = &self.stem_ends;
        ends.is_ascending()
            && ends.len().checked_sub(1).and_then(|last| ends.number(last)).unwrap_or_default() as usize
                == self.stems.len()
            && ends.len() == self.stem_numbers.len()
            && self.grams.len() == self.gram_numbers.len() * 4
    }

    pub(super) fn stem(&self, stem: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.stem_ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.stem_at(middle)?.cmp(stem.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.stem_numbers.number(middle),
            }
        }
        None
    }

    pub(super) fn gram(&self, gram: Gram) -> Option<u32> {
        let wanted = gram.map(u32::from);
        let (grams, _) = self.grams.all().as_chunks::<4>();
        let at = grams.binary_search_by_key(&wanted, |gram| gram.map(u32::from_le_bytes)).ok()?;
        self.gram_numbers.number(at)
    }

    fn stem_at(&self, at: usize) -> Option<&[u8]> {
        let begin = at.checked_sub(1).map_or(Some(0), |before| self.stem_ends.number(before))?;
        self.stems.get(begin as usize..self.stem_ends.number(at)? as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_and_grams_are_found_by_their_numbers() {
        let stems = ["zeta", "", "größ", "alpha", "alphabet"];
        let grams = ["abcd", "aaaa", "größ", "\u{10ffff}zzz"];
        let gram = |text: &str| <Gram>::try_from(text.chars().collect::<Vec<_>>().as_slice()).unwrap();
        let lexicon = Lexicon::new(
            stems.iter().zip(0..).map(|(stem, at)| ((*stem).to_owned(), at)),
            grams.iter().zip(0..).map(|(text, at)| (gram(text), at)),
        );
        assert!(lexicon.is_consistent());
        for (at, stem) in stems.iter().enumerate() {
            assert_eq!(lexicon.stem(stem), Some(at as u32), "{stem}");
        }
        for (at, text) in grams.iter().enumerate() {
            assert_eq!(lexicon.gram(gram(text)), Some(at as u32), "{text}");
        }
        assert_eq!([lexicon.stem("alph"), lexicon.stem("zz"), lexicon.gram(gram("abce"))], [None; 3]);
        let empty = Lexicon::new([], []);
        assert!(empty.is_consistent() && empty.stem("").is_none() && empty.gram(gram("abcd")).is_none());
    }
}
