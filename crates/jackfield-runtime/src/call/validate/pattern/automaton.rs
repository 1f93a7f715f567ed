//! A nondeterministic automaton that visits every state at most once for each character.

use super::parse::{Characters, Node};
use crate::call::validate::budget::{Budget, Exhausted};

/// The maximum number of states. Patterns that need more states, such as `a{9999}`, are left to the service.
const MOST_STATES: usize = 5_000;
/// The number of state visits that count as one step.
const LOOKS_PER_STEP: usize = 4;

#[derive(Debug)]
enum State {
    /// Consumes one character, and continues with the next state.
    Take(Characters),
    /// Continues with both states.
    Split(usize, usize),
    Jump(usize),
    Start,
    End,
    WordBoundary(bool),
    /// A lookahead. Continues if the states of the lookahead match at this position. A negative lookahead continues if they do not match.
    Ahead {
        negative: bool,
        behind: usize,
    },
    Found,
}

/// The states of a pattern. The first state is the start.
#[derive(Debug)]
pub(super) struct Program(Vec<State>);

impl Program {
    /// Compiles a pattern. `None` if it needs too many states.
    pub(super) fn compile(node: &Node) -> Option<Self> {
        let mut program = Self(Vec::new());
        let mut parts = MOST_STATES;
        program.emit(node, &mut parts)?;
        program.push(State::Found)?;
        Some(program)
    }

    fn push(&mut self, state: State) -> Option<usize> {
        self.0.push(state);
        (self.0.len() <= MOST_STATES).then(|| self.0.len() - 1)
    }

    /// Emits the states of a node. `parts` limits repetitions that produce no states.
    fn emit(&mut self, node: &Node, parts: &mut usize) -> Option<()> {
        *parts = parts.checked_sub(1)?;
        match node {
            Node::Character(characters) => self.push(State::Take(characters.clone())).map(drop),
            Node::Start => self.push(State::Start).map(drop),
            Node::End => self.push(State::End).map(drop),
            Node::WordBoundary(is) => self.push(State::WordBoundary(*is)).map(drop),
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.emit(node, parts)),
            Node::Alternatives(nodes) => {
                let mut ends = Vec::new();
                for (at, node) in nodes.iter().enumerate() {
                    if at + 1 == nodes.len() {
                        self.emit(node, parts)?;
                        break;
                    }
                    let split = self.push(State::Split(0, 0))?;
                    self.emit(node, parts)?;
                    ends.push(self.push(State::Jump(0))?);
                    self.0[split] = State::Split(split + 1, self.0.len());
                }
                let behind = self.0.len();
                ends.into_iter().for_each(|end| self.0[end] = State::Jump(behind));
                Some(())
            }
            Node::Repeat { node, least, most } => {
                for _ in 0..*least {
                    self.emit(node, parts)?;
                }
                let Some(most) = most else {
                    let split = self.push(State::Split(0, 0))?;
                    self.emit(node, parts)?;
                    self.push(State::Jump(split))?;
                    self.0[split] = State::Split(split + 1, self.0.len());
                    return Some(());
                };
                let mut splits = Vec::new();
                for _ in *least..*most {
                    splits.push(self.push(State::Split(0, 0))?);
                    self.emit(node, parts)?;
                }
                let behind = self.0.len();
                splits.into_iter().for_each(|split| self.0[split] = State::Split(split + 1, behind));
                Some(())
            }
            Node::Ahead { node, negative } => {
                let ahead = self.push(State::Ahead { negative: *negative, behind: 0 })?;
                self.emit(node, parts)?;
                self.push(State::Found)?;
                self.0[ahead] = State::Ahead { negative: *negative, behind: self.0.len() };
                Some(())
            }
        }
    }

    pub(super) fn is_found(&self, text: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        self.run(0, text, 0, !matches!(self.0.first(), Some(State::Start)), budget)
    }

    /// Whether a match begins at `from` or anywhere after it.
    fn run(
        &self,
        first: usize,
        text: &str,
        from: usize,
        anywhere: bool,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut here = Threads::new(self.0.len());
        let mut next = Threads::new(self.0.len());
        // Allocating the vectors takes time too, so it counts as steps.
        budget.spend(1 + self.0.len() / (16 * LOOKS_PER_STEP))?;
        here.waiting.push(first);
        let mut chars = text[from..].char_indices();
        loop {
            let at = text.len() - chars.as_str().len();
            if self.follow(&mut here, text, at, budget)? {
                return Ok(true);
            }
            let Some((_, c)) = chars.next() else { return Ok(false) };
            for &state in &here.taking {
                if let State::Take(characters) = &self.0[state]
                    && characters.hold(c)
                {
                    next.waiting.push(state + 1);
                }
            }
            if anywhere {
                next.waiting.push(first);
            } else if next.waiting.is_empty() {
                return Ok(false);
            }
            budget.spend(1 + here.taking.len() / LOOKS_PER_STEP)?;
            std::mem::swap(&mut here, &mut next);
            next.clear();
        }
    }

    /// Follows every transition that consumes no character. Returns true if one of them reaches a match.
    fn follow(
        &self,
        threads: &mut Threads,
        text: &str,
        at: usize,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        let mut looks = 0;
        while let Some(state) = threads.waiting.pop() {
            looks += 1;
            if std::mem::replace(&mut threads.seen[state], threads.round) == threads.round {
                continue;
            }
            match &self.0[state] {
                State::Take(_) => threads.taking.push(state),
                State::Split(one, other) => threads.waiting.extend([*other, *one]),
                State::Jump(target) => threads.waiting.push(*target),
                State::Start if at == 0 => threads.waiting.push(state + 1),
                State::End if at == text.len() => threads.waiting.push(state + 1),
                State::Start | State::End => {}
                State::WordBoundary(is) => {
                    if is_word_boundary(text, at) == *is {
                        threads.waiting.push(state + 1);
                    }
                }
                State::Ahead { negative, behind } => {
                    if self.run(state + 1, text, at, false, budget)? != *negative {
                        threads.waiting.push(*behind);
                    }
                }
                State::Found => return Ok(true),
            }
        }
        budget.spend(looks / LOOKS_PER_STEP)?;
        Ok(false)
    }
}

/// The states that are active at one position in the text.
struct Threads {
    waiting: Vec<usize>,
    taking: Vec<usize>,
    /// The number of the round in which each state was last visited.
    seen: Vec<u32>,
    round: u32,
}

impl Threads {
    fn new(states: usize) -> Self {
        Self { waiting: Vec::new(), taking: Vec::new(), seen: vec![0; states], round: 1 }
    }

    fn clear(&mut self) {
        self.taking.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.seen.fill(0);
            self.round = 1;
        }
    }
}

fn is_word_boundary(text: &str, at: usize) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    is_word(text[..at].chars().next_back()) != is_word(text[at..].chars().next())
}
