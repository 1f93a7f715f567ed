//! Classes of bytes that may be part of an escape or of base64.

use super::escape::Notation;

/// The classes of all bytes in a text, as bits.
#[derive(Clone, Copy)]
pub(super) struct Marks(u8);

/// The first byte of an escape.
const ESCAPE: u8 = 1;
/// A plus sign, which is a space in a form.
const PLUS: u8 = 2;
/// A part of a line break, which may occur inside base64.
const LINE_BREAK: u8 = 4;
/// A character that occurs only in the URL-safe alphabet of base64.
const URL_SAFE: u8 = 8;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'+' => PLUS,
            b'\r' | b'\n' => LINE_BREAK,
            b'-' | b'_' => URL_SAFE,
            other if Notation::of(other).is_some() => ESCAPE,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

impl Marks {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(0, |marks, byte| marks | KINDS[usize::from(*byte)]))
    }

    pub(super) const fn has_escape(self) -> bool {
        self.0 & ESCAPE != 0
    }

    pub(super) const fn has_plus(self) -> bool {
        self.0 & PLUS != 0
    }

    pub(super) const fn has_line_break(self) -> bool {
        self.0 & LINE_BREAK != 0
    }

    pub(super) const fn has_url_safe(self) -> bool {
        self.0 & URL_SAFE != 0
    }
}
