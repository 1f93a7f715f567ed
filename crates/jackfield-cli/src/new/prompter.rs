//! Asks questions at a terminal. Enter accepts the default answer, and the end of the input ends the command.

use std::io::{BufRead, Read as _, Write};

use jackfield_build::model::visible;

use crate::Failure;
use crate::paint::{BOLD, DIM, YELLOW};

/// The maximum number of bytes of an answer.
const LONGEST: u64 = 64 * 1024;

/// Asks a person at a terminal.
pub(super) struct Prompter<'t> {
    input: &'t mut dyn BufRead,
    output: &'t mut dyn Write,
}

impl<'t> Prompter<'t> {
    pub(super) fn new(input: &'t mut dyn BufRead, output: &'t mut dyn Write) -> Self {
        Self { input, output }
    }

    /// Shows facts before a question.
    pub(super) fn say(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.output, "{}", visible(text)).map_err(failed)
    }

    /// Shows a question. The possible answers have to follow.
    pub(super) fn head(&mut self, question: &str) -> Result<(), Failure> {
        writeln!(self.output, "\n{BOLD}{}{BOLD:#}", visible(question)).map_err(failed)
    }

    /// Shows numbered lines.
    pub(super) fn options<T>(&mut self, options: &[(T, String)]) -> Result<(), Failure> {
        options.iter().enumerate().try_for_each(|(at, (_, line))| self.say(&format!("  {}  {line}", at + 1)))
    }

    /// Asks until the answer can be parsed. An empty answer is the default.
    ///
    /// # Errors
    /// Returns an error if the input ends.
    pub(super) fn ask<T>(
        &mut self,
        question: &str,
        default: &str,
        mut parse: impl FnMut(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        loop {
            let shown = visible(question);
            let default_shown =
                if default.is_empty() { String::new() } else { format!(" [{}]", visible(default)) };
            write!(self.output, "{shown}{DIM}{default_shown}{DIM:#}: ").map_err(failed)?;
            self.output.flush().map_err(failed)?;
            let mut answer = String::new();
            let read = (&mut *self.input).take(LONGEST).read_line(&mut answer);
            if read.map_err(failed)? == 0 {
                // The input ended without a line break, so the error message needs a new line.
                writeln!(self.output).map_err(failed)?;
                return Err(Failure::Other("the input ended: nothing was written".to_owned()));
            }
            let answer = answer.trim();
            match parse(if answer.is_empty() { default } else { answer }) {
                Ok(parsed) => return Ok(parsed),
                Err(problem) => {
                    writeln!(self.output, "{YELLOW}  {}{YELLOW:#}", visible(&problem)).map_err(failed)?;
                }
            }
        }
    }

    /// Asks for the number of one of the lines, or for a text that `parse` accepts. `default` is a number from 1.
    ///
    /// # Errors
    /// Returns an error if the input ends.
    pub(super) fn choose<T: Clone>(
        &mut self,
        question: &str,
        answer: &str,
        options: &[(T, String)],
        default: usize,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        self.head(question)?;
        self.options(options)?;
        self.ask(answer, &default.to_string(), |answer| match answer.parse::<usize>() {
            Ok(number) => match number.checked_sub(1).and_then(|at| options.get(at)) {
                Some((value, _)) => Ok(value.clone()),
                None => Err(format!("{number} is not one of the numbers 1 to {}", options.len())),
            },
            Err(_) => parse(answer),
        })
    }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::Other(format!("the terminal cannot be used: {error}; nothing was written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(answer: &str) -> Result<u8, String> {
        answer.parse().map_err(|_| format!("{answer} is not a number"))
    }

    #[test]
    fn enter_accepts_the_default_and_an_invalid_answer_repeats_the_question() {
        let (mut input, mut output) = (&b"\nx\n 7 \n"[..], Vec::new());
        let mut prompter = Prompter::new(&mut input, &mut output);
        assert_eq!(prompter.ask("How many?", "3", number).ok(), Some(3));
        assert_eq!(prompter.ask("How many?", "3", number).ok(), Some(7));
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains("x is not a number"), "{output}");
    }

    #[test]
    fn error_about_the_end_of_input_says_that_nothing_was_written() {
        let (mut input, mut output) = (&b""[..], Vec::new());
        let ended = Prompter::new(&mut input, &mut output).ask("How many?", "3", number);
        assert!(matches!(ended, Err(Failure::Other(text)) if text.contains("nothing was written")));
    }

    #[test]
    fn question_with_options_can_be_answered_with_a_number_or_a_text() {
        let (mut input, mut output) = (&b"9\n2\nother\n"[..], Vec::new());
        let mut prompter = Prompter::new(&mut input, &mut output);
        let options = [("a", "first".to_owned()), ("b", "second\u{1b}[31m".to_owned())];
        let mut choose = || prompter.choose("Which?", "A number", &options, 1, |_| Ok("c")).ok();
        assert_eq!((choose(), choose()), (Some("b"), Some("c")));
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains("9 is not one of the numbers 1 to 2"), "{output}");
        assert!(output.contains("second\\u{1b}[31m"), "{output}");
    }
}
