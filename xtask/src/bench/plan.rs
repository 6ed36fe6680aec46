//! What is measured, and how often.

/// Our name among the variants.
pub const OURS: &str = "leq";
/// PyTorch's variants; `bench/README.md` says what each is.
const PEERS: &[&str] = &["eager", "channels_last", "tuned", "compile", "compile_step"];
/// Those that compile first.
pub const COMPILED: [&str; 2] = ["compile", "compile_step"];
/// The network that the study trains.
pub const STUDY_NETWORK: &str = "ws_aux";

/// What is measured, and how often.
pub struct TrainPlan {
    /// The networks, by the names that both sides have for them.
    pub networks: &'static [&'static str],
    /// PyTorch's variants.
    pub peers: &'static [&'static str],
    /// What measures PyTorch's steps.
    pub peer_script: &'static str,
    /// Steps of each run.
    pub steps: usize,
    /// Steps before them.
    pub warm_up: usize,
    /// Runs of every variant, in turn with the others.
    pub repetitions: usize,
    /// Rounds of a study.
    pub rounds: usize,
    /// Studies of each side, in turn.
    pub studies: usize,
    /// Experiments of ours that are trained from the first step to the last, and how often.
    pub trainings: &'static [(&'static str, usize)],
    /// Where the results go.
    pub folder: &'static str,
    /// Where PyTorch keeps what it compiled and tuned, in `.setup`; a later run need not compile again.
    pub compiled: &'static str,
    /// The command that follows this plan.
    pub command: &'static str,
}

impl TrainPlan {
    /// The published benchmark.
    pub const FULL: Self = Self {
        networks: &["ws_aux", "convnet", "mlp", "report_b"],
        peers: PEERS,
        peer_script: "bench/train_peer.py",
        steps: 300,
        warm_up: 30,
        repetitions: 2,
        rounds: 10,
        studies: 3,
        trainings: &[],
        folder: "results/bench-train",
        compiled: "torch-compiled",
        command: "cargo xtask bench train",
    };

    /// Smoke run: every path, too few samples to publish.
    pub const QUICK: Self = Self {
        networks: Self::FULL.networks,
        peers: PEERS,
        peer_script: Self::FULL.peer_script,
        steps: 20,
        warm_up: 10,
        repetitions: 1,
        rounds: 2,
        studies: 1,
        trainings: &[("report-a-headline", 1)],
        folder: "runs/bench-train/quick",
        compiled: "torch-compiled-quick",
        command: "cargo xtask bench train --quick",
    };

    /// The network of `leq-1000`, its augmentation and both optimisers included.
    pub const LEQ_1000: Self = Self {
        networks: &["leq_1000"],
        peers: &["eager", "channels_last", "compile"],
        peer_script: "bench/leq_1000_peer.py",
        steps: 300,
        warm_up: 30,
        repetitions: 2,
        rounds: 0,
        studies: 0,
        trainings: &[("leq-1000", 3), ("leq", 1)],
        folder: "results/bench-leq-1000",
        compiled: "torch-compiled",
        command: "cargo xtask bench leq-1000",
    };

    /// Ours, then theirs.
    pub fn variants(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(OURS).chain(self.peers.iter().copied())
    }
}
