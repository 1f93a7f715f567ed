//! Searches for all spellings of one text, in time linear in the searched bytes.
//!
//! At each position of the searched bytes, either a plain character or an escape begins, and it leads to another position.
//! Positions inside an escape count too, so these links form a tree whose root is the end of the bytes. The search walks the
//! tree from its root: it runs backwards and looks for the reversed text.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use jackfield_vault::Secret;
use zeroize::Zeroizing;

use super::alignment;
use super::escape::{self, Notation};
use super::marks::Marks;
use super::steps::{Steps, Stopped};

/// The number of states that are kept for the positions after the current position. It exceeds the length of an escape and a
/// line break together.
const WINDOW: usize = 32;

/// A text to search for, prepared for the search.
#[derive(Clone)]
pub(super) struct Needle {
    text: Secret,
    /// Whether the text is part of a base64 encoding, which may contain line breaks and has two alphabets.
    is_base64: bool,
    /// Whether `+` stands for a space.
    has_space: bool,
    /// Whether `+` and a space are treated as the same character, because the needle is too long to follow both
    /// interpretations of `+`.
    folds_plus: bool,
    reversed: Zeroizing<Vec<char>>,
    /// A bit for each ASCII character that cannot be part of a match, because it neither occurs in the needle nor begins an
    /// escape.
    absent: u128,
    /// The failure function of the Knuth-Morris-Pratt algorithm. A failure never leads to a state that expects the character that
    /// just failed, so the number of consecutive failures is logarithmic. The usual amortized bound does not hold for a tree.
    failures: Vec<Option<usize>>,
    /// The ranges of the needle that look like escapes, sorted by their bytes.
    literals: Vec<Range<usize>>,
    /// The ranges in which the needle may end inside text that looks like an escape.
    tails: Vec<Range<usize>>,
}

/// The interpretation of escapes in the searched bytes.
#[derive(Clone, Copy)]
pub(super) enum View {
    /// The notations, as bits, of escapes that are literal characters if the needle contains the same escape. All other
    /// escapes are decoded. So `a%25 b` is found both in `a%25%20b`, from an encoder that does not encode escapes again,
    /// and in `a%2525%20b`.
    Keeping(u8),
    /// Each escape is both decoded and treated as literal characters.
    Both,
}

/// The maximum length of a needle for which both interpretations are followed, with one bit for each character.
const MOST_FOLLOWED: usize = 128;

/// The positions at which the needle begins, as bits.
pub(super) struct Starts(Vec<u64>);

impl Needle {
    pub(super) fn new(text: Secret, is_base64: bool) -> Self {
        let has_space = !is_base64 && text.expose().contains(' ');
        let has_plus = text.expose().contains('+');
        let mut needle = Self {
            text,
            is_base64,
            has_space,
            folds_plus: false,
            reversed: Zeroizing::default(),
            absent: 0,
            failures: Vec::new(),
            literals: Vec::new(),
            tails: Vec::new(),
        };
        needle.folds_plus = has_space && has_plus && needle.text.expose().chars().count() > MOST_FOLLOWED;
        let reversed: Vec<char> = needle.text.expose().chars().rev().map(|c| needle.fold(c)).collect();
        needle.reversed = Zeroizing::new(reversed);
        needle.failures = failures(&needle.reversed);
        needle.absent = needle.find_absent();
        needle.find_literals();
        needle
    }

    /// Returns the length of the text in bytes.
    pub(super) fn length(&self) -> usize {
        self.text.expose().len()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is_base64 == other.is_base64 && self.text == other.text
    }

    /// Whether this is the plain needle of a secret.
    pub(super) fn is_of(&self, secret: &Secret) -> bool {
        !self.is_base64 && self.text == *secret
    }

    /// Whether the needle certainly does not occur, because no byte can begin an escape and a plain search finds nothing. This is
    /// true for most replies, and a plain search is many times faster.
    pub(super) fn is_ruled_out(
        &self,
        searched: Option<&str>,
        marks: Marks,
        steps: &mut Steps<'_>,
    ) -> Result<bool, Stopped> {
        let text = self.text.expose();
        let may_differ = match self.is_base64 {
            false => self.folds_plus || (self.has_space && marks.has_plus()),
            true => marks.has_line_break() || (marks.has_url_safe() && text.contains(['+', '/'])),
        };
        let Some(searched) = searched.filter(|_| !may_differ && !marks.has_escape()) else {
            return Ok(false);
        };
        steps.take(searched.len())?;
        Ok(!searched.contains(text))
    }

    fn find_absent(&self) -> u128 {
        let bit = |c: char| if c.is_ascii() { 1 << u32::from(c) } else { 0_u128 };
        let held = self.reversed.iter().fold(0, |held, c| held | bit(*c));
        let begins_escape = |byte: u8| Notation::of(byte).is_some() || (byte == b'+' && self.has_space);
        let is_absent = |byte: &u8| !begins_escape(*byte) && held & bit(self.fold(char::from(*byte))) == 0;
        (0..0x80).filter(is_absent).fold(0, |absent, byte| absent | bit(char::from(byte)))
    }

    fn find_literals(&mut self) {
        let bytes = self.text.expose().as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let Some(notation) = Notation::of(*byte) else { continue };
            match notation.decode(&bytes[at..]) {
                Some((_, length)) => self.literals.push(at..at + length),
                None if bytes.len() - at < escape::LONGEST => self.tails.push(at..bytes.len()),
                // An encoder that does not escape backslashes may write `\\u00e9` for a backslash followed by `é`.
                None if notation == Notation::Json => self.literals.push(at..at + 1),
                None => {}
            }
        }
        self.literals.sort_unstable_by_key(|it| &bytes[it.clone()]);
        self.literals.dedup_by_key(|it| &bytes[it.clone()]);
    }

    /// Returns the interpretations that together find every spelling. One is enough unless the needle itself contains escapes.
    pub(super) fn views(&self) -> impl Iterator<Item = View> {
        let bytes = self.text.expose().as_bytes();
        let held = self.literals.iter().chain(&self.tails).filter_map(|it| Notation::of(bytes[it.start]));
        let held = held.fold(0, |held, notation| held | notation as u8);
        let is_ambiguous = held != 0 || (self.has_space && self.text.expose().contains('+'));
        let follows_both = is_ambiguous && self.reversed.len() <= MOST_FOLLOWED;
        let keeping = (0..8).filter(move |view| !follows_both && view & !held == 0).map(View::Keeping);
        keeping.chain(follows_both.then_some(View::Both))
    }

    /// Returns the positions at which the needle begins. `None` if the needle does not occur.
    pub(super) fn starts(
        &self,
        view: View,
        bytes: &[u8],
        steps: &mut Steps<'_>,
    ) -> Result<Option<Starts>, Stopped> {
        if matches!(view, View::Both) {
            return self.starts_of_both(bytes, steps);
        }
        let mut starts: Option<Starts> = None;
        let mut states = [0; WINDOW];
        for at in (0..bytes.len()).rev() {
            steps.take(1)?;
            if bytes[at] < 0x80 && (self.absent >> bytes[at]) & 1 == 1 {
                states[at % WINDOW] = 0;
                continue;
            }
            let (c, next) = self.read(view, bytes, at);
            let state = match c {
                Some(c) => self.advance(states[self.after_break(bytes, next) % WINDOW], c, steps)?,
                None => 0,
            };
            states[at % WINDOW] = state;
            if state == self.reversed.len() {
                starts.get_or_insert_with(|| Starts::none(bytes)).insert(at);
            }
        }
        Ok(starts)
    }

    /// Finds the positions at which the needle begins, under both interpretations of every escape. Bit `i` of a state says that
    /// the last `i + 1` characters of the needle begin at the position.
    fn starts_of_both(&self, bytes: &[u8], steps: &mut Steps<'_>) -> Result<Option<Starts>, Stopped> {
        let mut starts: Option<Starts> = None;
        let mut states = [0_u128; WINDOW];
        let mut places = HashMap::<char, u128>::new();
        for (i, c) in self.reversed.iter().enumerate() {
            *places.entry(*c).or_default() |= 1 << i;
        }
        for at in (0..bytes.len()).rev() {
            steps.take(1)?;
            let readings = [self.plain(bytes, at), self.decoded(bytes, at)];
            let state = readings.into_iter().flatten().fold(0, |state, (c, next)| {
                let places = places.get(&c).copied().unwrap_or_default();
                state | (((states[next % WINDOW] << 1) | 1) & places)
            });
            states[at % WINDOW] = state;
            if (state >> (self.reversed.len() - 1)) & 1 == 1 {
                starts.get_or_insert_with(|| Starts::none(bytes)).insert(at);
            }
        }
        Ok(starts)
    }

    /// Returns the last possible end of the needle that begins at `start`, under both interpretations of every escape.
    fn end_of_both(&self, bytes: &[u8], start: usize, steps: &mut Steps<'_>) -> Result<usize, Stopped> {
        let mut ends = BTreeSet::from([start]);
        for wanted in self.reversed.iter().rev() {
            steps.take(ends.len())?;
            let inside = ends.iter().filter(|at| **at < bytes.len());
            let readings = inside.flat_map(|at| [self.plain(bytes, *at), self.decoded(bytes, *at)]);
            ends = readings.flatten().filter(|(c, _)| c == wanted).map(|(_, next)| next).collect();
        }
        Ok(ends.last().copied().unwrap_or(start))
    }

    /// Returns the end of the needle that begins at `start`.
    pub(super) fn end(
        &self,
        view: View,
        bytes: &[u8],
        start: usize,
        steps: &mut Steps<'_>,
    ) -> Result<usize, Stopped> {
        if matches!(view, View::Both) {
            return self.end_of_both(bytes, start, steps);
        }
        steps.take(self.reversed.len())?;
        let (_, first) = self.read(view, bytes, start);
        let rest = 1..self.reversed.len();
        Ok(rest.fold(first, |at, _| self.read(view, bytes, self.after_break(bytes, at)).1))
    }

    /// Returns the state after a character: the length of the longest prefix of the reversed needle that ends there.
    fn advance(&self, state: usize, c: char, steps: &mut Steps<'_>) -> Result<usize, Stopped> {
        let mut state = Some(state);
        while let Some(matched) = state {
            if self.reversed.get(matched) == Some(&c) {
                return Ok(matched + 1);
            }
            steps.take(1)?;
            state = self.failures[matched];
        }
        Ok(0)
    }

    /// Returns the character at a position, and the position after it. Invalid UTF-8 has no character.
    fn read(&self, view: View, bytes: &[u8], at: usize) -> (Option<char>, usize) {
        let decoded = self.decoded(bytes, at).filter(|(_, next)| match view {
            View::Keeping(kept) => {
                let is_kept = Notation::of(bytes[at]).is_some_and(|notation| kept & notation as u8 != 0);
                !(is_kept && self.holds(&bytes[at..*next]))
            }
            View::Both => true,
        });
        match decoded.or_else(|| self.plain(bytes, at)) {
            Some((c, next)) => (Some(c), next),
            None => (None, at + 1),
        }
    }

    /// Returns the character that the escape at a position encodes, and the position after the escape.
    fn decoded(&self, bytes: &[u8], at: usize) -> Option<(char, usize)> {
        if bytes[at] == b'+' && self.has_space {
            return Some((' ', at + 1));
        }
        let (c, length) = Notation::of(bytes[at])?.decode(&bytes[at..])?;
        Some((self.fold(c), at + length))
    }

    /// Returns the unescaped character at a position, and the position after it.
    fn plain(&self, bytes: &[u8], at: usize) -> Option<(char, usize)> {
        let length = match bytes[at] {
            byte @ 0..0x80 => return Some((self.fold(char::from(byte)), at + 1)),
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        let c = std::str::from_utf8(bytes.get(at..at + length)?).ok()?.chars().next()?;
        Some((c, at + length))
    }

    /// Maps all characters that the needle treats as equal to the same character.
    const fn fold(&self, c: char) -> char {
        match c {
            _ if self.is_base64 => alignment::standard(c),
            '+' if self.folds_plus => ' ',
            _ => c,
        }
    }

    /// Whether the needle contains the given escape literally, or ends inside it.
    fn holds(&self, escape: &[u8]) -> bool {
        let bytes = self.text.expose().as_bytes();
        escape == br"\\"
            || self.literals.binary_search_by(|it| bytes[it.clone()].cmp(escape)).is_ok()
            || self.tails.iter().any(|it| escape.starts_with(&bytes[it.clone()]))
    }

    fn after_break(&self, bytes: &[u8], at: usize) -> usize {
        if self.is_base64 { bytes.len() - alignment::after_line_break(&bytes[at..]).len() } else { at }
    }
}

impl Starts {
    fn none(bytes: &[u8]) -> Self {
        Self(vec![0; bytes.len().div_ceil(64)])
    }

    fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Returns the first start at or after a position.
    pub(super) fn next(&self, at: usize) -> Option<usize> {
        let first = self.0.get(at / 64)? & (u64::MAX << (at % 64));
        let words = std::iter::once(first).chain(self.0[at / 64 + 1..].iter().copied());
        let (skipped, word) = words.enumerate().find(|(_, word)| *word != 0)?;
        Some((at / 64 + skipped) * 64 + word.trailing_zeros() as usize)
    }
}

fn failures(text: &[char]) -> Vec<Option<usize>> {
    let mut failures: Vec<Option<usize>> = vec![None];
    let mut border = Some(0);
    for at in 1..text.len() {
        // `border` is the longest border of `text[..at]`.
        let failure = border.and_then(|it| if text[it] == text[at] { failures[it] } else { Some(it) });
        failures.push(failure);
        while let Some(it) = border.filter(|it| text[*it] != text[at]) {
            border = failures[it];
        }
        border = Some(border.map_or(0, |it| it + 1));
    }
    failures.push(border);
    failures
}
