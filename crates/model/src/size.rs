//! Fargate's pairs of CPU and memory (ECS developer guide, "Task CPU and memory"; the largest
//! row from the resource schema of 2026).

/// A CPU size with the memory sizes that go with it.
struct Row {
    cpu: u32,
    /// Smallest, largest and step in MiB.
    memory: Memory,
}

enum Memory {
    Steps { least: u32, most: u32, step: u32 },
    Listed(&'static [u32]),
}

const TABLE: &[Row] = &[
    Row { cpu: 256, memory: Memory::Listed(&[512, 1_024, 2_048]) },
    Row { cpu: 512, memory: Memory::Steps { least: 1_024, most: 4_096, step: 1_024 } },
    Row { cpu: 1_024, memory: Memory::Steps { least: 2_048, most: 8_192, step: 1_024 } },
    Row { cpu: 2_048, memory: Memory::Steps { least: 4_096, most: 16_384, step: 1_024 } },
    Row { cpu: 4_096, memory: Memory::Steps { least: 8_192, most: 30_720, step: 1_024 } },
    Row { cpu: 8_192, memory: Memory::Steps { least: 16_384, most: 61_440, step: 4_096 } },
    Row { cpu: 16_384, memory: Memory::Steps { least: 32_768, most: 122_880, step: 8_192 } },
    Row { cpu: 32_768, memory: Memory::Listed(&[61_440, 122_880, 249_856]) },
];

/// Largest CPU units of a task.
pub(crate) const MOST_CPU: u32 = 32_768;
/// Largest MiB of a task.
pub(crate) const MOST_MEMORY: u32 = 249_856;

/// Returns the smallest pair (CPU units, MiB) that has at least this much of both; nothing when
/// there is none.
pub(crate) fn round_up(cpu: u64, memory: u64) -> Option<(u32, u32)> {
    TABLE.iter().filter(|row| u64::from(row.cpu) >= cpu).find_map(|row| {
        let fits = match row.memory {
            Memory::Listed(sizes) => sizes.iter().copied().find(|size| u64::from(*size) >= memory),
            Memory::Steps { least, most, step } => {
                let steps = memory.saturating_sub(u64::from(least)).div_ceil(u64::from(step));
                u32::try_from(u64::from(least) + steps * u64::from(step)).ok().filter(|size| *size <= most)
            }
        };
        fits.map(|size| (row.cpu, size))
    })
}

#[cfg(test)]
mod tests {
    use super::round_up;

    #[test]
    fn pairs() {
        for ((cpu, memory), expected) in [
            ((0, 0), Some((256, 512))),
            ((10, 200), Some((256, 512))),
            ((256, 512), Some((256, 512))),
            ((256, 1_025), Some((256, 2_048))),
            ((256, 2_049), Some((512, 3_072))),
            ((1_024, 512), Some((1_024, 2_048))),
            ((4_096, 8_192), Some((4_096, 8_192))),
            ((4_096, 30_721), Some((8_192, 32_768))),
            ((8_192, 17_000), Some((8_192, 20_480))),
            ((16_385, 0), Some((32_768, 61_440))),
            ((1, 249_856), Some((32_768, 249_856))),
            ((32_769, 0), None),
            ((0, 249_857), None),
            ((u64::MAX, u64::MAX), None),
        ] {
            assert_eq!(round_up(cpu, memory), expected, "{cpu} {memory}");
        }
    }
}
