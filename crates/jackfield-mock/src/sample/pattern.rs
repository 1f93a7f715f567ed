//! The regular expressions of schemas: samples a matching string, and checks whether a string matches.

/// A parsed pattern. Lookaround, backreferences and word boundaries are not supported.
#[derive(Debug)]
pub(super) struct Pattern(Node);

#[derive(Clone, Debug)]
enum Node {
    Start,
    End,
    /// One character from the ranges, or from outside the ranges if `negated` is set.
    Set {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: usize,
        most: usize,
    },
}

/// The maximum number of attempts, because backtracking can take exponential time. After that, the string counts as not
/// matching.
const MOST_ATTEMPTS: usize = 100_000;
const MOST_REPEATS: usize = 10_000;
const LONGEST_TEXT: usize = 500;
const LONGEST_SAMPLE: usize = 100_000;
const MOST_NESTING: usize = 50;

impl Pattern {
    /// Parses a pattern. `None` if it is not supported.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { rest: text.chars().collect(), at: 0, nesting: 0 };
        let node = parser.either()?;
        (parser.at == parser.rest.len()).then_some(Self(node))
    }

    /// Whether the pattern matches anywhere in the string. A long string counts as matching, because each character would take
    /// space on the stack.
    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        if text.len() > LONGEST_TEXT {
            return true;
        }
        let mut fuel = MOST_ATTEMPTS;
        (0..=text.len()).any(|start| self.0.matches(&text, start, &mut fuel, &mut |_, _| true))
    }

    /// Returns a matching string whose length is within the bounds.
    pub(super) fn sample(&self, least: usize, most: usize, nth: usize) -> Option<String> {
        // If the string is too short, repetitions are used more often than the pattern requires.
        let extras = (0..=16).chain(least.saturating_sub(16).max(17)..=least.max(17));
        extras
            .map(|extra| {
                let mut text = String::new();
                self.0.write(&mut text, extra, nth);
                text
            })
            .find(|text| (least..=most).contains(&text.chars().count()) && self.matches(text))
    }
}

type Then<'a> = dyn FnMut(usize, &mut usize) -> bool + 'a;

impl Node {
    /// Matches at a position, and calls `then` with the position after the match. This is backtracking with continuations.
    fn matches(&self, text: &[char], at: usize, fuel: &mut usize, then: &mut Then<'_>) -> bool {
        let Some(less) = fuel.checked_sub(1) else { return false };
        *fuel = less;
        match self {
            Self::Start => at == 0 && then(at, fuel),
            Self::End => at == text.len() && then(at, fuel),
            Self::Set { ranges, negated } => {
                let hit = |c: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&c));
                text.get(at).is_some_and(|c| hit(c) != *negated) && then(at + 1, fuel)
            }
            Self::Sequence(nodes) => Self::matches_all(nodes, text, at, fuel, then),
            Self::Either(nodes) => nodes.iter().any(|node| node.matches(text, at, fuel, then)),
            Self::Repeat { node, least, most } => node.matches_times(*least, *most, text, at, fuel, then),
        }
    }

    fn matches_all(nodes: &[Self], text: &[char], at: usize, fuel: &mut usize, then: &mut Then<'_>) -> bool {
        match nodes.split_first() {
            None => then(at, fuel),
            Some((first, rest)) => {
                first.matches(text, at, fuel, &mut |at, fuel| Self::matches_all(rest, text, at, fuel, then))
            }
        }
    }

    fn matches_times(
        &self,
        least: usize,
        most: usize,
        text: &[char],
        at: usize,
        fuel: &mut usize,
        then: &mut Then<'_>,
    ) -> bool {
        // A repetition that consumes nothing would never end.
        let once_more = most > 0
            && self.matches(text, at, fuel, &mut |next, fuel| {
                (next > at || least > 0)
                    && self.matches_times(least.saturating_sub(1), most - 1, text, next, fuel, then)
            });
        once_more || (least == 0 && then(at, fuel))
    }

    fn write(&self, text: &mut String, extra: usize, nth: usize) {
        match self {
            Self::Start | Self::End => {}
            Self::Set { ranges, negated } => text.push(pick(ranges, *negated, nth)),
            Self::Sequence(nodes) => nodes.iter().for_each(|node| node.write(text, extra, nth)),
            Self::Either(nodes) => {
                if let Some(node) = nodes.get(nth % nodes.len().max(1)) {
                    node.write(text, extra, nth);
                }
            }
            Self::Repeat { node, least, most } => {
                // Optional repetitions are sampled only to reach the required length.
                for _ in 0..least.saturating_add(extra).min(*most).min(MOST_REPEATS) {
                    if text.len() > LONGEST_SAMPLE {
                        return;
                    }
                    node.write(text, extra.min(1), nth);
                }
            }
        }
    }
}

/// Returns a character of the set, preferably a readable character.
fn pick(ranges: &[(char, char)], negated: bool, nth: usize) -> char {
    let hit = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != negated;
    let readable: Vec<char> = ('a'..='z').chain('0'..='9').chain('A'..='Z').filter(|c| hit(*c)).collect();
    if !readable.is_empty() {
        return readable[nth % readable.len()];
    }
    let others = (' '..='~').find(|c| hit(*c));
    others.or_else(|| ranges.first().map(|(low, _)| *low)).unwrap_or('a')
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    nesting: usize,
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' '), ('\u{a0}', '\u{a0}')];

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let ahead = self.rest[self.at..].iter().take(text.chars().count());
        let found = ahead.copied().eq(text.chars());
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn either(&mut self) -> Option<Node> {
        self.nesting += 1;
        if self.nesting > MOST_NESTING {
            return None;
        }
        let mut branches = vec![self.sequence()?];
        while self.eat("|") {
            branches.push(self.sequence()?);
        }
        self.nesting -= 1;
        if branches.len() == 1 { branches.pop() } else { Some(Node::Either(branches)) }
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while self.peek().is_some_and(|c| c != '|' && c != ')') {
            let node = self.atom()?;
            nodes.push(self.repeated(node)?);
        }
        Some(Node::Sequence(nodes))
    }

    fn atom(&mut self) -> Option<Node> {
        let set = |ranges: Vec<(char, char)>, negated| Some(Node::Set { ranges, negated });
        match self.next()? {
            '^' => Some(Node::Start),
            '$' => Some(Node::End),
            '.' => set(vec![('\n', '\n'), ('\r', '\r')], true),
            '[' => self.class(),
            '(' => {
                if self.eat("?<") {
                    // The group is a named group, not a lookbehind.
                    while self.next()? != '>' {
                        if matches!(self.peek()?, '=' | '!') {
                            return None;
                        }
                    }
                } else if self.peek() == Some('?') && !self.eat("?:") {
                    return None;
                }
                let node = self.either()?;
                self.eat(")").then_some(node)
            }
            '\\' => match self.next()? {
                'A' => Some(Node::Start),
                'z' | 'Z' => Some(Node::End),
                c => {
                    let (ranges, negated) = self.escape(c)?;
                    set(ranges, negated)
                }
            },
            '*' | '+' | '?' => None,
            c => set(vec![(c, c)], false),
        }
    }

    /// Parses the class or character after a backslash.
    fn escape(&mut self, c: char) -> Option<(Vec<(char, char)>, bool)> {
        let one = |c: char| Some((vec![(c, c)], false));
        match c {
            'd' => Some((DIGITS.to_vec(), false)),
            'D' => Some((DIGITS.to_vec(), true)),
            'w' => Some((WORD.to_vec(), false)),
            'W' => Some((WORD.to_vec(), true)),
            's' => Some((SPACE.to_vec(), false)),
            'S' => Some((SPACE.to_vec(), true)),
            'n' => one('\n'),
            'r' => one('\r'),
            't' => one('\t'),
            'x' => self.code(2).and_then(one),
            'u' => self.code(4).and_then(one),
            c if c.is_ascii_alphanumeric() => None,
            c => one(c),
        }
    }

    fn code(&mut self, digits: usize) -> Option<char> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.next()?.to_digit(16)?;
        }
        char::from_u32(code)
    }

    fn class(&mut self) -> Option<Node> {
        let negated = self.eat("^");
        let mut ranges = Vec::new();
        loop {
            let low = match self.next()? {
                ']' => return Some(Node::Set { ranges, negated }),
                '\\' => {
                    let c = self.next()?;
                    match self.escape(c)? {
                        (one, false) if one.len() == 1 && one[0].0 == one[0].1 => one[0].0,
                        (several, false) => {
                            ranges.extend(several);
                            continue;
                        }
                        (others, true) => {
                            ranges.extend(complement(&others));
                            continue;
                        }
                    }
                }
                c => c,
            };
            let is_range = self.peek() == Some('-') && self.rest.get(self.at + 1).is_some_and(|c| *c != ']');
            if !is_range {
                ranges.push((low, low));
                continue;
            }
            self.at += 1;
            let high = match self.next()? {
                '\\' => {
                    let c = self.next()?;
                    match self.escape(c)? {
                        (one, false) if one.len() == 1 && one[0].0 == one[0].1 => one[0].0,
                        _ => return None,
                    }
                }
                c => c,
            };
            if high < low {
                return None;
            }
            ranges.push((low, high));
        }
    }

    fn repeated(&mut self, node: Node) -> Option<Node> {
        let (least, most) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') if self.rest.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                self.at += 1;
                let least = self.number()?;
                let most = if self.eat(",") {
                    if self.peek() == Some('}') { usize::MAX } else { self.number()? }
                } else {
                    least
                };
                if self.peek() != Some('}') || most < least || least > MOST_REPEATS {
                    return None;
                }
                (least, most)
            }
            _ => return Some(node),
        };
        self.at += 1;
        // Lazy and greedy repetitions match the same strings.
        self.eat("?");
        let node = Box::new(node);
        Some(Node::Repeat { node, least, most })
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits.parse().ok()
    }
}

fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut free = Vec::new();
    let mut next = 0_u32;
    for (low, high) in ranges {
        free.push((next, (*low as u32).wrapping_sub(1)));
        next = *high as u32 + 1;
    }
    free.push((next, char::MAX as u32));
    let char_of = |code| char::from_u32(code);
    free.into_iter()
        .filter(|(low, high)| low <= high)
        .filter_map(|(low, high)| Some((char_of(low)?, char_of(high)?)))
        .collect()
}
