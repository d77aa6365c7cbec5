//! How much of the machine the portal takes: worked out from its processors and its memory, unless a setting says otherwise.

use std::fs;
use std::thread;

use clap::Args;

/// Bytes of a MiB.
const MIB: u64 = 1 << 20;
/// Memory that is reckoned with where the system does not tell.
const UNTOLD_MEMORY: u64 = 2048 * MIB;
/// What one hashing of a password takes (Argon2id with OWASP's parameters).
const MEMORY_OF_A_HASHING: u64 = 19 * MIB;
/// Pages of the database in a MiB of its log.
const PAGES_OF_A_MIB: u32 = 250;

/// The sizes as they were given, unchecked.
#[derive(Args, Clone, Debug, Default)]
pub struct SizeSettings {
    /// Threads that answer requests [default: one for each processor, at least 2]
    #[arg(long, value_name = "COUNT", env = "CPE_PORTAL_WORKERS", global = true)]
    pub workers: Option<String>,
    /// Connections that read the database at once [default: two for each processor, at least 4]
    #[arg(long, value_name = "COUNT", env = "CPE_PORTAL_READERS", global = true)]
    pub readers: Option<String>,
    /// Passwords that are hashed at once, each in 19 MiB [default: one for each processor, at least 2]
    #[arg(long, value_name = "COUNT", env = "CPE_PORTAL_HASHERS", global = true)]
    pub hashers: Option<String>,
    /// MiB of the database's log from which on a write helps to move it into the database [default: by memory, 64 to 256]
    #[arg(long, value_name = "MIB", env = "CPE_PORTAL_CHECKPOINT_MIB", global = true)]
    pub checkpoint_mib: Option<String>,
}

/// A machine, or the part of one that the process may use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Machine {
    /// Its processors.
    pub processors: usize,
    /// Its memory, in bytes.
    pub memory: u64,
}

impl Machine {
    /// This one: what the process may use of it (its affinity, its control group).
    #[must_use]
    pub fn here() -> Machine {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let allowed = |file: &str| fs::read_to_string(file).ok().and_then(|text| text.trim().parse().ok());
        let limits: [Option<u64>; 3] = [
            fs::read_to_string("/proc/meminfo").ok().as_deref().and_then(total_of),
            allowed("/sys/fs/cgroup/memory.max"),
            allowed("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
        ];
        let memory = limits.into_iter().flatten().min().unwrap_or(UNTOLD_MEMORY);
        Machine { processors, memory }
    }
}

/// The memory of the whole machine in bytes, as Linux writes it.
fn total_of(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// How much of a machine the portal takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sizes {
    /// Threads that answer requests.
    pub workers: usize,
    /// Connections that read the database at once.
    pub readers: u32,
    /// Passwords that are hashed at once.
    pub hashers: usize,
    /// Pages in the database's log from which on a commit helps to move them into the database.
    pub log_pages: u32,
}

impl Sizes {
    /// What suits a machine.
    #[must_use]
    pub fn of(machine: Machine) -> Sizes {
        let Machine { processors, memory } = machine;
        // a flood of sign-ins gets an eighth of the memory at most
        let hashings = usize::try_from(memory / 8 / MEMORY_OF_A_HASHING).unwrap_or(usize::MAX);
        let log = u32::try_from(memory / 256 / MIB).unwrap_or(u32::MAX);
        Sizes {
            workers: processors.clamp(2, 32),
            readers: u32::try_from(processors.saturating_mul(2)).unwrap_or(u32::MAX).clamp(4, 64),
            hashers: processors.clamp(2, 32).min(hashings.max(1)),
            log_pages: log.clamp(64, 256) * PAGES_OF_A_MIB,
        }
    }

    /// What was given, and the machine's where nothing was.
    ///
    /// # Errors
    /// Each variable with what is wrong about it.
    pub(super) fn check(
        settings: &SizeSettings,
        machine: Machine,
    ) -> Result<Sizes, Vec<(&'static str, String)>> {
        let usual = Sizes::of(machine);
        let mut problems = Vec::new();
        let mut number = |variable, text: &Option<String>, least: u32, most: u32, usual: u32| {
            let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
                return usual;
            };
            match text.parse() {
                Ok(number) if (least..=most).contains(&number) => number,
                _ => {
                    let wrong =
                        format!("“{text}” is not a whole number from {least} to {most}; for example {least}");
                    problems.push((variable, wrong));
                    usual
                }
            }
        };
        let narrow = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
        let wide = |size: u32| usize::try_from(size).unwrap_or(usize::MAX);
        let sizes = Sizes {
            workers: wide(number("CPE_PORTAL_WORKERS", &settings.workers, 1, 256, narrow(usual.workers))),
            readers: number("CPE_PORTAL_READERS", &settings.readers, 1, 512, usual.readers),
            hashers: wide(number("CPE_PORTAL_HASHERS", &settings.hashers, 1, 256, narrow(usual.hashers))),
            log_pages: number(
                "CPE_PORTAL_CHECKPOINT_MIB",
                &settings.checkpoint_mib,
                1,
                4096,
                usual.log_pages / PAGES_OF_A_MIB,
            ) * PAGES_OF_A_MIB,
        };
        if problems.is_empty() { Ok(sizes) } else { Err(problems) }
    }
}
