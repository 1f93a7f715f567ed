//! The system that a program runs on, read from the first bytes of its file.

use jackfield_clients::System;

/// The system and the processor of a program, and whether it needs a dynamic linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The system.
    pub system: System,
    /// The processor architecture, as container images name it, such as `amd64`.
    pub architecture: &'static str,
    /// Whether the program runs without files of the machine, such as a C library.
    pub is_static: bool,
}

impl Platform {
    /// Reads the platform of a program. Returns None if the bytes are not a 64-bit program for a known processor.
    pub fn of(program: &[u8]) -> Option<Self> {
        if program.starts_with(b"\x7fELF") {
            return elf(program);
        }
        if program.starts_with(&[0xcf, 0xfa, 0xed, 0xfe]) {
            let architecture = match word(program, 4)? {
                0x0100_0007 => "amd64",
                0x0100_000c => "arm64",
                _ => return None,
            };
            return Some(Self { system: System::MacOs, architecture, is_static: false });
        }
        if program.starts_with(b"MZ") {
            let header = usize::try_from(word(program, 0x3c)?).ok()?;
            if program.get(header..header.checked_add(4)?)? != b"PE\0\0" {
                return None;
            }
            let architecture = match half(program, header + 4)? {
                0x8664 => "amd64",
                0xaa64 => "arm64",
                _ => return None,
            };
            return Some(Self { system: System::Windows, architecture, is_static: false });
        }
        None
    }

    /// Returns the platform as file names contain it, such as `linux-amd64`.
    pub fn label(&self) -> String {
        let system = match self.system {
            System::Linux => "linux",
            System::MacOs => "macos",
            System::Windows => "windows",
        };
        format!("{system}-{}", self.architecture)
    }

    /// Returns the name of the system in manifests of MCP bundles, which use the names of Node.js.
    pub(crate) const fn node_name(&self) -> &'static str {
        match self.system {
            System::Linux => "linux",
            System::MacOs => "darwin",
            System::Windows => "win32",
        }
    }
}

/// Parses a little-endian 64-bit ELF file. The program is static if no program header names an interpreter.
fn elf(program: &[u8]) -> Option<Platform> {
    const INTERPRETER: u32 = 3;
    if program.get(4..6)? != [2, 1] {
        return None;
    }
    let architecture = match half(program, 18)? {
        62 => "amd64",
        183 => "arm64",
        _ => return None,
    };
    let table = usize::try_from(long(program, 32)?).ok()?;
    let (size, count) = (usize::from(half(program, 54)?), usize::from(half(program, 56)?));
    let mut is_static = true;
    for at in 0..count {
        let header = table.checked_add(at.checked_mul(size)?)?;
        let header = program.get(header..header.checked_add(size)?)?;
        is_static &= word(header, 0)? != INTERPRETER;
    }
    Some(Platform { system: System::Linux, architecture, is_static })
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::elf_program;

    #[test]
    fn platform_is_read_from_the_file_and_not_from_its_name() {
        let linux = |architecture, is_static| Platform { system: System::Linux, architecture, is_static };
        assert_eq!(Platform::of(&elf_program(62, true)), Some(linux("amd64", true)));
        assert_eq!(Platform::of(&elf_program(183, true)), Some(linux("arm64", true)));
        assert_eq!(Platform::of(&elf_program(62, false)), Some(linux("amd64", false)));
        assert_eq!(Platform::of(&elf_program(8, true)), None, "another processor");
        let mut windows = b"MZ".to_vec();
        windows.resize(0x40, 0);
        windows[0x3c] = 0x40;
        windows.extend(b"PE\0\0\x64\x86");
        assert_eq!(Platform::of(&windows).map(|it| it.label()), Some("windows-amd64".to_owned()));
        let mac = [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1];
        assert_eq!(Platform::of(&mac).map(|it| it.label()), Some("macos-arm64".to_owned()));
    }

    #[test]
    fn truncated_program_has_no_platform() {
        for whole in [elf_program(62, false), b"MZ".to_vec()] {
            for length in 0..whole.len() {
                assert_eq!(Platform::of(&whole[..length]), None, "{length}");
            }
        }
        let mut far = elf_program(62, true);
        far[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(Platform::of(&far), None);
        assert_eq!(Platform::of(b"#!/bin/sh\n"), None);
    }
}
