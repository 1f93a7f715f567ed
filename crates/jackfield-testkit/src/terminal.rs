//! A pseudoterminal, for programs that ask a person.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// The maximum time that a program may show nothing.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program whose stdin, stdout and stderr are a terminal. The program is killed when this value is dropped.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    shown: String,
    /// The number of bytes of `shown` up to the end of the last text that was waited for.
    seen: usize,
}

impl Terminal {
    /// Starts a program.
    ///
    /// # Errors
    /// Returns an error if the system has no pseudoterminal, or if the program cannot be started.
    pub fn start(mut command: Command) -> io::Result<Self> {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&keyboard)?;
        unlockpt(&keyboard)?;
        let name = ptsname(&keyboard, Vec::new())?;
        let terminal = File::from(rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?);
        command.stdin(Stdio::from(terminal.try_clone()?)).stdout(Stdio::from(terminal.try_clone()?));
        let child = command.stderr(Stdio::from(terminal)).spawn()?;
        // The `Command` value contains open handles of the terminal. If it were not dropped, the terminal would stay open after the program
        // has ended.
        drop(command);
        let keyboard = File::from(keyboard);
        let mut reader = keyboard.try_clone()?;
        let (sender, screen) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // Linux reports an error when the last program has closed the terminal.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, keyboard, screen, shown: String::new(), seen: 0 })
    }

    /// Waits until the program shows the text. Only output after the text of the previous wait counts.
    ///
    /// # Errors
    /// Returns an error with all output so far, if the program ends or stops printing before the text appears.
    pub fn wait_for(&mut self, text: &str) -> io::Result<()> {
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return Ok(());
            }
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => return Err(io::Error::other(format!("`{text}` was not shown:\n{}", self.shown))),
            }
        }
    }

    /// Types a line.
    ///
    /// # Errors
    /// Returns an error if the terminal is closed.
    pub fn type_line(&mut self, line: &str) -> io::Result<()> {
        self.keyboard.write_all(format!("{line}\n").as_bytes())
    }

    /// Types Control-D, which ends the input.
    ///
    /// # Errors
    /// Returns an error if the terminal is closed.
    pub fn end_input(&mut self) -> io::Result<()> {
        self.keyboard.write_all(b"\x04")
    }

    /// Returns the process id of the program.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program ends. Returns its exit status, and everything that it has shown.
    ///
    /// # Errors
    /// Returns an error if the program shows nothing and does not end.
    pub fn finish(mut self) -> io::Result<(ExitStatus, String)> {
        loop {
            match self.screen.recv_timeout(PATIENCE) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(error) => return Err(io::Error::other(format!("{error}:\n{}", self.shown))),
            }
        }
        Ok((self.child.wait()?, std::mem::take(&mut self.shown)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Both calls fail only if the program has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_in_a_terminal_reads_typed_lines_until_the_input_ends() {
        let mut command = Command::new("sh");
        command.args(["-c", "test -t 0 && test -t 1 && test -t 2 && read x && echo \"got $x\" && ! read y"]);
        let mut terminal = Terminal::start(command).unwrap();
        terminal.type_line("a line").unwrap();
        terminal.wait_for("got a line").unwrap();
        terminal.end_input().unwrap();
        let (status, shown) = terminal.finish().unwrap();
        assert!(status.success(), "{shown}");
    }

    #[test]
    fn waiting_for_text_that_is_not_shown_is_an_error() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo something"]);
        let error = Terminal::start(command).unwrap().wait_for("other").unwrap_err();
        assert!(error.to_string().contains("something"), "{error}");
    }
}
