//! Reads a line at the terminal without showing it.

use std::io;

use zeroize::Zeroizing;

/// Prompts at the terminal of this process and reads the answer without showing it.
#[cfg(unix)]
pub(super) fn ask(question: &str) -> io::Result<Zeroizing<String>> {
    // The terminal device shows the question even if stdout or stderr is redirected.
    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    unix::ask(&terminal, question)
}

#[cfg(not(unix))]
pub(super) fn ask(question: &str) -> io::Result<Zeroizing<String>> {
    rpassword::prompt_password(question).map(Zeroizing::new)
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Read as _, Write as _};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
    use zeroize::Zeroizing;

    /// A terminal delivers lines of at most 4,095 bytes. A buffer of this capacity never reallocates, so no copy of
    /// the secret is left in memory.
    const LONGEST_LINE: usize = 4096;

    /// A terminal with echo turned off. Dropping it restores the terminal.
    struct Hidden<'t> {
        terminal: &'t File,
        before: Termios,
    }

    impl<'t> Hidden<'t> {
        fn begin(terminal: &'t File) -> io::Result<Self> {
            let before = tcgetattr(terminal)?;
            let mut modes = before.clone();
            modes.local_modes.remove(LocalModes::ECHO);
            modes.local_modes.insert(LocalModes::ECHONL);
            tcsetattr(terminal, OptionalActions::Now, &modes)?;
            Ok(Self { terminal, before })
        }
    }

    impl Drop for Hidden<'_> {
        fn drop(&mut self) {
            let _ = tcsetattr(self.terminal, OptionalActions::Now, &self.before);
        }
    }

    pub(super) fn ask(mut terminal: &File, question: &str) -> io::Result<Zeroizing<String>> {
        let _hidden = Hidden::begin(terminal)?;
        terminal.write_all(question.as_bytes())?;
        let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
        let mut byte = Zeroizing::new([0]);
        while line.len() < LONGEST_LINE {
            if terminal.read(byte.as_mut_slice())? == 0 || byte[0] == b'\n' {
                let text = String::from_utf8(std::mem::take(&mut *line));
                return text
                    .map(Zeroizing::new)
                    .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the answer is not UTF-8"));
            }
            line.push(byte[0]);
        }
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the answer is too long: save it in a file, and pipe the file in",
        ))
    }

    #[cfg(test)]
    mod tests {
        use rustix::fs::{Mode, OFlags};
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

        use super::*;

        fn open_pty() -> (File, File) {
            let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
            grantpt(&keyboard).unwrap();
            unlockpt(&keyboard).unwrap();
            let name = ptsname(&keyboard, Vec::new()).unwrap();
            let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
            (File::from(keyboard), File::from(terminal))
        }

        fn read_until(mut keyboard: &File, end: u8) -> String {
            let (mut seen, mut byte) = (Vec::new(), [0]);
            while seen.last() != Some(&end) {
                keyboard.read_exact(&mut byte).unwrap();
                seen.push(byte[0]);
            }
            String::from_utf8(seen).unwrap()
        }

        #[test]
        fn typed_answer_is_read_without_echo() {
            let (mut keyboard, terminal) = open_pty();
            let asked = std::thread::spawn(move || (ask(&terminal, "token: "), terminal));
            let question = read_until(&keyboard, b' ');
            keyboard.write_all("s\u{e9}same\n".as_bytes()).unwrap();
            let shown = question + &read_until(&keyboard, b'\n');
            let (answer, terminal) = asked.join().unwrap();
            assert_eq!(answer.unwrap().as_str(), "s\u{e9}same");
            assert_eq!(shown, "token: \r\n");
            assert!(
                tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO),
                "typing is shown again"
            );
        }

        #[test]
        fn non_utf8_answer_is_refused() {
            let (mut keyboard, terminal) = open_pty();
            let asked = std::thread::spawn(move || ask(&terminal, "token: "));
            read_until(&keyboard, b' ');
            keyboard.write_all(b"\xFF\n").unwrap();
            let error = asked.join().unwrap().unwrap_err();
            assert_eq!(error.to_string(), "the answer is not UTF-8");
        }
    }
}
