//! Filters in the jq language, which jaq runs within limits of steps, memory, stack and time.
//!
//! A program or its data can grow without bound: endless recursion, strings that double with each step, or values that share their
//! parts. So values track their size ([`value`]), definitions and alternatives count steps ([`guard`]), and each run has a thread
//! with a stack of known size ([`fuel`]).

mod access;
mod fuel;
mod functions;
mod guard;
mod operators;
mod print;
mod shape;
mod value;

use std::fmt;

use jaq_core::compile::Undefined;
use jaq_core::load::parse::{Def, Term};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser, lex};
use jaq_core::{Compiler, Ctx, Filter, Vars};

use super::jq_error::JqError;
use super::tape::Tape;
use value::{Data, Val};

/// The maximum number of bytes of a program.
const LONGEST: usize = 4000;
/// The maximum depth of brackets in a program.
const MOST_BRACKETS: usize = 60;
/// The maximum number of bytes of the output. The reply rule may shorten it further.
const MOST_OUTPUT: usize = 16 << 20;
/// The name of the program among the definitions.
const MAIN: &str = "the_filter_of_connector_toml";

/// A compiled program.
pub(crate) struct JqFilter {
    source: String,
    filter: Filter<Data>,
    /// Whether the program has exactly one output for every input.
    is_single: bool,
}

impl fmt::Debug for JqFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JqFilter({})", self.source)
    }
}

impl JqFilter {
    /// Compiles a program.
    ///
    /// # Errors
    /// Returns the reason if the program cannot be compiled.
    pub(crate) fn compile(source: &str) -> Result<Self, JqError> {
        if source.len() > LONGEST {
            return Err(JqError::new(format!("the program is longer than {LONGEST} bytes")));
        }
        if brackets(source) > MOST_BRACKETS {
            return Err(JqError::new(format!(
                "the brackets of the program are nested more than {MOST_BRACKETS} times"
            )));
        }
        on_thread(|| compile(source)).unwrap_or_else(|| Err(JqError::new("the compiler failed")))
    }

    /// Runs the program on JSON text. If there are several outputs, they become an array. `None` if `text` is not JSON.
    ///
    /// # Errors
    /// Returns the reason if the program fails, or has no output.
    pub(crate) fn run(&self, text: &str) -> Option<Result<String, JqError>> {
        on_thread(|| {
            fuel::begin_input();
            let input = functions::parse(&Tape::parse(text)?, Tape::ROOT);
            Some(match fuel::exceeded() {
                Some(limit) => Err(JqError::new(format!("the reply is too large: {}", limit.as_str()))),
                None => self.outputs(input),
            })
        })
        .unwrap_or_else(|| Some(Err(JqError::new("it failed"))))
    }

    fn outputs(&self, input: Val) -> Result<String, JqError> {
        fuel::begin();
        let context = Ctx::<Data>::new(&self.filter.lut, Vars::new([]));
        let mut outputs = Vec::new();
        for output in self.filter.id.run((context, input)) {
            if let Some(limit) = fuel::exceeded() {
                return Err(JqError::new(limit.as_str()));
            }
            match output.map_err(|exception| exception.get_err()) {
                Ok(output) => outputs.push(output),
                Err(Ok(error)) => return Err(JqError::new(error.to_string())),
                Err(Err(_)) => return Err(JqError::new("the program ends without an output")),
            }
            fuel::spend(16);
        }
        let output = match outputs.pop() {
            Some(only) if self.is_single && outputs.is_empty() => only,
            last => Val::list(outputs.into_iter().chain(last).collect()),
        };
        if let Some(limit) = fuel::exceeded() {
            return Err(JqError::new(limit.as_str()));
        }
        print::json(&output, MOST_OUTPUT).ok_or_else(|| JqError::new("the output has more than 16 MiB"))
    }
}

/// Checks whether a program can be compiled.
///
/// # Errors
/// Returns the reason if the program cannot be compiled.
pub fn check_jq(source: &str) -> Result<(), JqError> {
    JqFilter::compile(source).map(drop)
}

/// Runs a function on a thread with a large stack. `None` if the thread cannot be started, or if the function panics.
fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("jq".to_owned()).stack_size(fuel::STACK);
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Returns the maximum depth of brackets. Brackets in strings count as well.
fn brackets(source: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in source.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// Creates the error for a token that is missing before the rest of a program.
fn missing(expected: &str, rest: &str) -> JqError {
    let place = match rest.trim() {
        "" => "at the end".to_owned(),
        rest => format!("at `{}`", rest.chars().take(20).collect::<String>()),
    };
    JqError::new(format!("{expected} is missing {place}"))
}

fn compile(source: &str) -> Result<JqFilter, JqError> {
    let tokens = Lexer::new(source).lex().map_err(|errors| {
        let fault = |(expected, rest): &(lex::Expect<&str>, &str)| missing(expected.as_str(), rest);
        errors.first().map_or_else(|| missing("a token", ""), fault)
    })?;
    let parsed = Parser::new(&tokens).parse(|parser| parser.term());
    let term: Term<&str> = parsed.map_err(|errors| {
        let first = errors.first();
        let rest = first.and_then(|(_, found)| *found).map_or("", |token| token.0);
        missing(first.map_or("a term", |(expected, _)| expected.as_str()), rest)
    })?;
    let is_single = shape::is_single(&term);
    let main = Def { name: MAIN, args: Vec::new(), body: term };
    let main = guard::guard_definition(main, &mut guard::Called::new());
    let loader = Loader::new(functions::definitions().into_iter().chain([main]));
    let arena = Arena::default();
    let modules = loader.load(&arena, File { code: MAIN, path: () });
    let modules = modules.map_err(|_| JqError::new("the program cannot be loaded"))?;
    let filter = Compiler::default().with_funs(functions::natives()).compile(modules).map_err(|errors| {
        let undefined = errors.into_iter().flat_map(|(_, undefined)| undefined).next();
        JqError::new(match undefined {
            Some((name, Undefined::Filter(arity))) => {
                format!("there is no filter `{name}` with {arity} arguments here")
            }
            Some((name, kind)) => format!("there is no {} `{name}`", kind.as_str()),
            None => "a name is not defined".to_owned(),
        })
    })?;
    Ok(JqFilter { source: source.to_owned(), filter, is_single })
}

#[cfg(test)]
mod tests;
