//! Work on one portion while what the next ones need is made on other processors.

use std::collections::VecDeque;
use std::thread;

/// Takes portions from `next` until there are no more, and gives each to `work` in turn with what `prepare` made of it. While one is
/// worked on, as many others as there are processors are prepared.
///
/// # Errors
/// The first that `next` or `work` gives; nothing is worked on after it.
pub fn ahead<Portion: Send, Made: Send, E: Send>(
    mut next: impl FnMut() -> Result<Option<Portion>, E>,
    prepare: impl Fn(&Portion) -> Made + Sync,
    mut work: impl FnMut(Portion, Made) -> Result<(), E>,
) -> Result<(), E> {
    let most = thread::available_parallelism().map_or(1, usize::from);
    let prepare = &prepare;
    thread::scope(|scope| {
        let mut under_way = VecDeque::new();
        let mut more = true;
        loop {
            while more && under_way.len() < most {
                match next()? {
                    Some(portion) => under_way.push_back(scope.spawn(move || {
                        let made = prepare(&portion);
                        (portion, made)
                    })),
                    None => more = false,
                }
            }
            let Some(first) = under_way.pop_front() else { return Ok(()) };
            let (portion, made) = first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            work(portion, made)?;
        }
    })
}
