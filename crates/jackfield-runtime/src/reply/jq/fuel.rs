//! The limits of one run of a jq program: work, nesting, stack and time.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// The maximum work of a run. A step costs [`STEP`], and creating a value costs about as much as the value has bytes.
const WORK: u64 = 75_000_000;
/// The work of a step. It limits a run to 300,000 steps. A program can build a chain of calls, and freeing the chain needs stack for each
/// call.
const STEP: usize = 250;
/// The time limit of a run.
const TIME: Duration = Duration::from_secs(10);
/// The number of steps between two checks of the time.
const STEPS_PER_LOOK: u64 = 4096;
/// The stack size of the thread of a run. The operating system only allocates the pages that are used. Steps may use a part of the
/// stack; the rest is for the frames between two steps, and for freeing chains of calls.
pub(super) const STACK: usize = 256 << 20;
const MOST_STACK: usize = 48 << 20;
/// The maximum depth of a value.
pub(super) const MOST_DEPTH: usize = 120;
/// The maximum size of a value. Values share their parts, so a value that takes little memory can be large when it is printed.
pub(super) const MOST_WEIGHT: usize = 64 << 20;

/// The limit that a run exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exceeded {
    Work,
    Recursion,
    Time,
    Depth,
    Weight,
}

impl Exceeded {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Work => "the program takes too many steps, or creates too much data",
            Self::Recursion => "the program calls itself too deeply",
            Self::Time => "the program takes longer than 10 seconds",
            Self::Depth => "a value is nested more than 120 times",
            Self::Weight => "a value has more than 64 MiB",
        }
    }
}

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(0) };
    static STEPS: Cell<u64> = const { Cell::new(0) };
    static STACK_BASE: Cell<usize> = const { Cell::new(0) };
    static END: Cell<Option<Instant>> = const { Cell::new(None) };
    static EXCEEDED: Cell<Option<Exceeded>> = const { Cell::new(None) };
}

/// Lifts the limits while the input of a run is built, because building the input does not count as work.
pub(super) fn begin_input() {
    LEFT.set(u64::MAX);
    EXCEEDED.set(None);
}

/// Starts a run on this thread.
pub(super) fn begin() {
    LEFT.set(WORK);
    STEPS.set(0);
    STACK_BASE.set(stack_position());
    END.set(Instant::now().checked_add(TIME));
    EXCEEDED.set(None);
}

/// Returns the limit that the run on this thread has exceeded. After that, the values of the run are wrong, so the run has to end.
pub(super) fn exceeded() -> Option<Exceeded> {
    EXCEEDED.get()
}

pub(super) fn exceed(limit: Exceeded) {
    if EXCEEDED.get().is_none() {
        EXCEEDED.set(Some(limit));
    }
}

/// Counts work. Returns false if a limit is exceeded.
pub(super) fn spend(work: usize) -> bool {
    let work = u64::try_from(work).unwrap_or(u64::MAX);
    match LEFT.get().checked_sub(work) {
        Some(left) => LEFT.set(left),
        None => exceed(Exceeded::Work),
    }
    EXCEEDED.get().is_none()
}

/// Counts a step of the program, and checks the stack and the time. Returns false if a limit is exceeded.
pub(super) fn step() -> bool {
    if STACK_BASE.get().abs_diff(stack_position()) > MOST_STACK {
        exceed(Exceeded::Recursion);
    }
    let steps = STEPS.get() + 1;
    STEPS.set(steps);
    if steps.is_multiple_of(STEPS_PER_LOOK) && END.get().is_some_and(|end| Instant::now() > end) {
        exceed(Exceeded::Time);
    }
    spend(STEP)
}

/// Returns the memory address of a variable in the current stack frame.
#[inline(never)]
fn stack_position() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(std::hint::black_box(&here)).addr()
}
