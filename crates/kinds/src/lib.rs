//! The x- resource kinds: data, access levels, synthesis
