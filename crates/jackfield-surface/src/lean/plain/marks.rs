//! Looks ahead in a line without scanning it again at every mark, because descriptions may be long and
//! hostile.

/// A part of a line that is parsed character by character.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'l> {
    /// The whole line, so that positions have the same meaning in every part.
    pub(super) line: &'l str,
    /// The position of the next byte.
    pub(super) at: usize,
    /// The end of the part.
    pub(super) end: usize,
}

impl<'l> Cursor<'l> {
    pub(super) fn new(line: &'l str) -> Self {
        Self { line, at: 0, end: line.len() }
    }

    /// Returns the text that has not been parsed yet.
    pub(super) fn as_str(&self) -> &'l str {
        &self.line[self.at..self.end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.as_str().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        self.next_if(|_| true)
    }

    pub(super) fn next_if(&mut self, accepts: impl FnOnce(char) -> bool) -> Option<char> {
        let c = self.peek().filter(|&c| accepts(c))?;
        self.at += c.len_utf8();
        count_steps(1);
        Some(c)
    }

    /// Consumes every `mark` that follows, and returns how many there were.
    pub(super) fn skip_run(&mut self, mark: char) -> usize {
        let before = self.at;
        while self.next_if(|c| c == mark).is_some() {}
        (self.at - before) / mark.len_utf8()
    }

    /// Whether another `mark` follows. The search stops at the next `mark`, so that a search at each `mark` scans the
    /// line only once in total.
    pub(super) fn contains(&self, mark: char) -> bool {
        let found = self.as_str().find(mark);
        count_steps(found.unwrap_or(self.end - self.at));
        found.is_some()
    }
}

/// For the opening marks of a line, the positions of the marks that close them.
#[derive(Debug)]
pub(super) struct Marks<'l> {
    line: &'l str,
    /// The pairs of opening and closing brackets and parentheses, in the order of the line.
    pairs: Vec<(usize, Option<usize>)>,
    tag_end: Found,
    address: Found,
}

/// The result of the last search, which is valid for every position up to the mark that was found.
#[derive(Clone, Copy, Debug)]
struct Found {
    from: usize,
    at: Option<usize>,
}

impl<'l> Marks<'l> {
    pub(super) fn new(line: &'l str) -> Self {
        let nothing = Found { from: usize::MAX, at: None };
        Self { line, pairs: pairs(line), tag_end: nothing, address: nothing }
    }

    /// Returns the position of the mark that closes the mark at `open`. Brackets and parentheses nest
    /// independently.
    pub(super) fn partner(&self, open: usize) -> Option<usize> {
        count_steps(self.pairs.len().checked_ilog2().unwrap_or(0) as usize);
        let found = self.pairs.binary_search_by_key(&open, |pair| pair.0).ok()?;
        self.pairs[found].1
    }

    /// Returns the position of the first `>` at or after `from`.
    pub(super) fn tag_end(&mut self, from: usize) -> Option<usize> {
        self.tag_end.search(self.line, ">", from)
    }

    /// Returns the position of the first `://` at or after `from`.
    pub(super) fn address(&mut self, from: usize) -> Option<usize> {
        self.address.search(self.line, "://", from)
    }
}

impl Found {
    fn search(&mut self, line: &str, mark: &str, from: usize) -> Option<usize> {
        if from < self.from || self.at.is_some_and(|at| at < from) {
            let distance = line[from..].find(mark);
            count_steps(distance.unwrap_or(line.len() - from));
            *self = Self { from, at: distance.map(|distance| from + distance) };
        }
        self.at
    }
}

fn pairs(line: &str) -> Vec<(usize, Option<usize>)> {
    let mut pairs = Vec::new();
    if !line.contains('[') {
        return pairs;
    }
    count_steps(line.len());
    let (mut brackets, mut parentheses) = (Vec::new(), Vec::new());
    for (at, byte) in line.bytes().enumerate() {
        let (open, opens) = match byte {
            b'[' => (&mut brackets, true),
            b']' => (&mut brackets, false),
            b'(' => (&mut parentheses, true),
            b')' => (&mut parentheses, false),
            _ => continue,
        };
        if opens {
            open.push(pairs.len());
            pairs.push((at, None));
        } else if let Some(opened) = open.pop() {
            let pair: &mut (usize, Option<usize>) = &mut pairs[opened];
            pair.1 = Some(at);
        }
    }
    pairs
}

#[cfg(test)]
thread_local! {
    /// The number of characters that were examined on this thread.
    pub(super) static STEPS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts the examined characters in tests.
fn count_steps(_characters: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + _characters);
}
