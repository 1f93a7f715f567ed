//! Tests the ledger against a model that only counts, with a million interleavings of two callers, their approvers and the clock.
//!
//! A caller prepares a call and asks for its approval. It learns that it has to wait, or that the approval is spent. It then records its
//! intent, and sends the prepared call. It may crash between any two steps, repeat a call, present the id of another call, and swap an
//! argument or a file after the approval. In every order, each write has exactly one approval of exactly its content, by a person who may
//! give it. Each approval is used at most once.

use super::*;

/// The number of interleavings of a run.
const INTERLEAVINGS: u64 = 1_000_000;
/// The number of steps of an interleaving.
const STEPS: u64 = 12;
/// The number of seconds after which an approval expires.
const LIFETIME: u64 = 8;

/// The content of a call: who calls, which tool, with which argument, and what the file contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    principal: usize,
    tool: u8,
    argument: u8,
    file: u8,
}

const PRINCIPALS: [&str; 2] = ["token:a", "token:b"];

impl Content {
    /// Returns a different digest for every content. The ledger relies on nothing else.
    fn binding(self) -> BindingDigest {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&[self.principal as u8, self.tool, self.argument, self.file]);
        digest
    }

    fn principal(self) -> &'static str {
        PRINCIPALS[self.principal]
    }
}

/// The next action of a caller.
#[derive(Clone, Debug)]
enum Caller {
    Idle,
    /// The caller was told to wait for this approval.
    Waits(Content, String),
    /// The approval of the call is spent, and its intent is not yet recorded.
    Spent(Content, String),
    /// The intent of the call is recorded.
    Intends(Content, String),
}

/// One approval as the model sees it.
struct Counted {
    id: String,
    content: Content,
    expires: u64,
    state: CountedState,
    sends: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CountedState {
    Pending,
    Approved,
    Denied,
    Declined,
    Spent,
}

/// A small random number generator with the same results on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    fn is_one_of(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }
}

#[derive(Default)]
struct Totals {
    writes: u64,
    crashes: u64,
    denied: u64,
    expired: u64,
    replays: u64,
    swaps: u64,
}

/// The state of one interleaving.
struct World {
    ledger: Ledger,
    model: Vec<Counted>,
    callers: [Caller; 2],
    /// The file that both callers may send. Its content changes at any time.
    file: u8,
    now: u64,
    ids: u32,
}

impl World {
    fn run(numbers: &mut Numbers, totals: &mut Totals) {
        let callers = [Caller::Idle, Caller::Idle];
        let mut world =
            Self { ledger: Ledger::default(), model: Vec::new(), callers, file: 0, now: 100, ids: 0 };
        for _ in 0..STEPS {
            match numbers.below(8) {
                0..=4 => world.caller(numbers.below(2) as usize, numbers, totals),
                5 | 6 => world.approver(numbers, totals),
                _ if numbers.is_one_of(2) => world.file = 1 - world.file,
                _ => world.now += numbers.below(LIFETIME + 2),
            }
        }
        world.check(totals);
    }

    fn live(&self, counted: &Counted) -> bool {
        self.now < counted.expires
    }

    /// Returns the decision that the model expects for a call, computed from the records with exactly this content.
    fn expected(&self, content: Content) -> Option<CountedState> {
        let has = |state| {
            let mut all = self.model.iter();
            all.any(|it| it.content == content && it.state == state && self.live(it))
        };
        let order = [CountedState::Denied, CountedState::Approved, CountedState::Pending];
        order.into_iter().find(|state| has(*state))
    }

    fn mark(&mut self, id: &str, state: CountedState) {
        let counted = self.model.iter_mut().find(|it| it.id == id).expect("the model knows every approval");
        counted.state = state;
    }

    fn caller(&mut self, at: usize, numbers: &mut Numbers, totals: &mut Totals) {
        self.callers[at] = match std::mem::replace(&mut self.callers[at], Caller::Idle) {
            Caller::Idle => {
                let (tool, argument) = (numbers.below(2) as u8, numbers.below(2) as u8);
                self.call(Content { principal: at, tool, argument, file: self.file })
            }
            Caller::Waits(content, id) => match numbers.below(5) {
                // The caller repeats the call. The file is read again, so its content may differ.
                0 | 1 => {
                    totals.swaps += u64::from(self.file != content.file);
                    self.call(Content { file: self.file, ..content })
                }
                2 => self.claim(content, id, None),
                // The caller's user answers the question, possibly for a call that has changed meanwhile.
                3 => {
                    let approves = numbers.below(4) > 0;
                    self.claim(content, id, Some(approves))
                }
                _ => {
                    totals.swaps += 1;
                    let swapped = match numbers.below(3) {
                        0 => Content { argument: 1 - content.argument, ..content },
                        1 => Content { file: 1 - content.file, ..content },
                        _ => Content { principal: 1 - content.principal, ..content },
                    };
                    let decision = self.ledger.claim(&id, &swapped.binding(), swapped.principal(), self.now);
                    assert_eq!(decision, Decision::Gone, "an approval is bound to its call");
                    Caller::Waits(content, id)
                }
            },
            // A crash between the spending of the approval and the recording of the intent loses the approval.
            Caller::Spent(..) if numbers.is_one_of(4) => {
                totals.crashes += 1;
                Caller::Idle
            }
            Caller::Spent(content, id) => Caller::Intends(content, id),
            Caller::Intends(content, id) => {
                self.send(content, &id, totals);
                if numbers.is_one_of(4) {
                    totals.replays += 1;
                    self.claim(content, id, Some(true));
                }
                Caller::Idle
            }
        };
    }

    fn call(&mut self, content: Content) -> Caller {
        self.ids += 1;
        let new = NewCall {
            binding: content.binding(),
            principal: content.principal().to_owned(),
            summary: String::new(),
            id: self.ids.to_string(),
            lifetime: LIFETIME,
            most_pending: 100,
        };
        let decision = self.ledger.call(new, self.now);
        match (self.expected(content), decision) {
            (Some(CountedState::Denied), Decision::Denied { .. }) => Caller::Idle,
            (Some(CountedState::Approved), Decision::Spent { id }) => {
                self.mark(&id, CountedState::Spent);
                Caller::Spent(content, id)
            }
            (Some(CountedState::Pending), Decision::Waiting { id }) => Caller::Waits(content, id),
            (None, Decision::Waiting { id }) => {
                let expires = self.now + LIFETIME;
                let state = CountedState::Pending;
                self.model.push(Counted { id: id.clone(), content, expires, state, sends: 0 });
                Caller::Waits(content, id)
            }
            (expected, decision) => panic!("the model expects {expected:?}, and not {decision:?}"),
        }
    }

    /// Looks for the decision about an approval, or answers the question about it.
    fn claim(&mut self, content: Content, id: String, answer: Option<bool>) -> Caller {
        let (binding, principal) = (content.binding(), content.principal());
        let decision = match answer {
            Some(approves) => self.ledger.answer(&id, &binding, principal, approves, self.now),
            None => self.ledger.claim(&id, &binding, principal, self.now),
        };
        let counted = self.model.iter().find(|it| it.id == id && it.content == content);
        let state = counted.filter(|it| self.live(it)).map(|it| it.state);
        match (state, decision) {
            (Some(CountedState::Approved | CountedState::Pending), Decision::Denied { .. })
                if answer == Some(false) =>
            {
                self.mark(&id, CountedState::Declined);
                Caller::Idle
            }
            (Some(CountedState::Approved), Decision::Spent { id }) if answer != Some(false) => {
                self.mark(&id, CountedState::Spent);
                Caller::Spent(content, id)
            }
            (Some(CountedState::Pending), Decision::Spent { id }) if answer == Some(true) => {
                self.mark(&id, CountedState::Spent);
                Caller::Spent(content, id)
            }
            (Some(CountedState::Pending), Decision::Waiting { .. }) if answer.is_none() => {
                Caller::Waits(content, id)
            }
            (Some(CountedState::Denied), Decision::Denied { .. }) => Caller::Idle,
            (Some(CountedState::Spent | CountedState::Declined) | None, Decision::Gone) => Caller::Idle,
            (state, decision) => panic!("an approval that is {state:?} gives {decision:?}"),
        }
    }

    fn approver(&mut self, numbers: &mut Numbers, totals: &mut Totals) {
        if self.model.is_empty() {
            return;
        }
        let at = numbers.below(self.model.len() as u64) as usize;
        let approves = numbers.below(4) > 0;
        let may = [MayApprove::None, MayApprove::Others, MayApprove::Own][numbers.below(3) as usize];
        let own = numbers.below(3) as usize;
        // The person at the server's terminal is not a caller.
        let principal = PRINCIPALS.get(own).unwrap_or(&"local");
        let approver = Approver { principal: (*principal).to_owned(), may, name: "fern".to_owned() };
        let Counted { id, content, state, .. } = &self.model[at];
        let may_decide = match may {
            MayApprove::None => false,
            MayApprove::Others => own != content.principal,
            MayApprove::Own => true,
        };
        let open = *state == CountedState::Pending || (*state == CountedState::Approved && !approves);
        let counts = may_decide && open && self.live(&self.model[at]);
        let decided = self.ledger.decide(id, approves, &approver, self.now);
        assert_eq!(decided.is_ok(), counts, "{decided:?}");
        totals.expired += u64::from(decided == Err(Undecidable::Expired));
        if counts {
            totals.denied += u64::from(!approves);
            self.model[at].state = if approves { CountedState::Approved } else { CountedState::Denied };
        }
    }

    fn send(&mut self, content: Content, id: &str, totals: &mut Totals) {
        totals.writes += 1;
        let mut matching = self.model.iter_mut().filter(|it| it.id == id);
        let counted = matching.next().expect("every write has an approval");
        assert!(matching.next().is_none(), "every write has one approval");
        assert_eq!(counted.content, content, "what is sent is what was approved");
        assert_eq!(counted.state, CountedState::Spent, "an approval is spent before anything is sent");
        counted.sends += 1;
    }

    fn check(&self, totals: &mut Totals) {
        for counted in &self.model {
            assert!(counted.sends <= 1, "no approval is spent twice");
            totals.expired += u64::from(!self.live(counted));
            let record = self.ledger.records().find(|record| record.id == counted.id);
            let name = record.map(|record| record.state.name());
            // The next call of a principal removes expired approvals that nobody decided.
            let is_forgotten = counted.state == CountedState::Pending && !self.live(counted);
            let expected = format!("{:?}", counted.state).to_lowercase();
            assert!(
                name == Some(&expected) || (name.is_none() && is_forgotten),
                "{name:?} is not {expected}"
            );
        }
    }
}

/// Runs the given number of interleavings from a seed.
fn run(seed: u64, interleavings: u64) -> Totals {
    let (mut numbers, mut totals) = (Numbers(seed), Totals::default());
    (0..interleavings).for_each(|_| World::run(&mut numbers, &mut totals));
    totals
}

#[test]
fn every_write_in_a_million_interleavings_has_exactly_one_matching_approval() {
    const THREADS: u64 = 4;
    let threads: Vec<_> = (1..=THREADS)
        .map(|seed| std::thread::spawn(move || run(seed * 0x9E37_79B9, INTERLEAVINGS / THREADS)))
        .collect();
    let mut all = Totals::default();
    for thread in threads {
        let Totals { writes, crashes, denied, expired, replays, swaps } = thread.join().unwrap();
        all.writes += writes;
        all.crashes += crashes;
        all.denied += denied;
        all.expired += expired;
        all.replays += replays;
        all.swaps += swaps;
    }
    let Totals { writes, crashes, denied, expired, replays, swaps } = all;
    println!(
        "{INTERLEAVINGS} interleavings: {writes} writes, {crashes} crashes, {denied} denied, {expired} expired, \
         {replays} replays, {swaps} swaps"
    );
    assert!([writes, crashes, denied, expired, replays, swaps].iter().all(|count| *count > 10_000));
}
