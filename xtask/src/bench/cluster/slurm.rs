//! A Slurm cluster of one node, this machine: its daemons run as children, without systemd, and end with it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use setup::run::{self, program};
use setup::{MUNGE_KEY, MUNGED, Project, SLURMCTLD, SLURMD};

use crate::bench::proc;

/// How long daemons may take to begin, and tasks to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The name of the jobs in `docs/clusters/batch-array.sh`.
const JOB: &str = "leq-batch";

/// A cluster that runs until this is dropped.
pub struct LocalSlurm<'a> {
    project: &'a Project,
    configuration: PathBuf,
    /// In the order of their start.
    daemons: Vec<Child>,
}

impl<'a> LocalSlurm<'a> {
    /// Starts munge, the controller and the node, all their files in `folder`.
    ///
    /// # Errors
    /// A daemon that cannot be started, or does not begin its work; its log is in `folder`.
    pub fn start(project: &'a Project, folder: &Path) -> Result<Self> {
        for folder in [folder.to_owned(), folder.join("state"), folder.join("spool")] {
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        let configuration = folder.join("slurm.conf");
        files::write(&configuration, Node::here(project)?.configuration(folder))?;
        files::write(&folder.join("cgroup.conf"), cgroups(&printed(project, SLURMD, "-V")?))?;
        let mut cluster = Self { project, configuration, daemons: Vec::new() };
        cluster.start_munge(folder)?;
        cluster.daemon(folder, SLURMCTLD, &["-D"])?;
        cluster.daemon(folder, SLURMD, &["-D"])?;
        cluster.wait_for("a node that is idle", folder, |cluster| {
            let state = cluster.client("sinfo").args(["--noheader", "--format=%T"]).output();
            state.is_ok_and(|output| output.stdout.trim_ascii() == b"idle")
        })?;
        Ok(cluster)
    }

    /// One of Slurm's commands, told which cluster is meant.
    pub fn client(&self, name: &str) -> Command {
        let mut command = program(self.project, name);
        command.env("SLURM_CONF", &self.configuration);
        command
    }

    fn start_munge(&mut self, folder: &Path) -> Result<()> {
        let path = |name: &str| folder.join(name).display().to_string();
        let key = format!("--keyfile={}", path("munge.key"));
        run::run(self.project, program(self.project, MUNGE_KEY).args(["--create", &key]))?;
        let socket = path("munge.socket");
        let kept = [("key-file", "munge.key"), ("log-file", "munged.log"), ("pid-file", "munged.pid")];
        let mut options = vec!["--foreground".to_owned(), "--force".to_owned(), format!("--socket={socket}")];
        options.extend(kept.map(|(option, name)| format!("--{option}={}", path(name))));
        options.push(format!("--seed-file={}", path("munged.seed")));
        self.daemon(folder, MUNGED, &options.iter().map(String::as_str).collect::<Vec<_>>())?;
        self.wait_for("munge", folder, |cluster| {
            run::works(program(cluster.project, "munge").args(["--no-input", "--socket", &socket]))
        })
    }

    /// Starts a daemon in the foreground; what it says goes into a file of its name.
    fn daemon(&mut self, folder: &Path, path: &str, options: &[&str]) -> Result<()> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let said = std::fs::File::create(folder.join(format!("{name}.said")))?;
        let mut command = self.client(path);
        command.args(options).stdout(said.try_clone()?).stderr(said).stdin(Stdio::null());
        run::say(&format!("$ {} &", run::typed(self.project, &command)));
        self.daemons.push(command.spawn().with_context(|| format!("cannot start {path}"))?);
        Ok(())
    }

    fn wait_for(&mut self, what: &str, folder: &Path, is_there: impl Fn(&Self) -> bool) -> Result<()> {
        let start = Instant::now();
        while !is_there(self) {
            for daemon in &mut self.daemons {
                if let Some(status) = daemon.try_wait()? {
                    bail!("a daemon of Slurm ended ({status}); see the logs in {}", folder.display());
                }
            }
            if start.elapsed() > PATIENCE {
                bail!("waited in vain for {what}; see the logs in {}", folder.display());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(())
    }

    fn has_jobs(&self) -> bool {
        let queue = self.client("squeue").arg("--noheader").output();
        queue.is_ok_and(|output| !output.stdout.trim_ascii().is_empty())
    }
}

impl Drop for LocalSlurm<'_> {
    fn drop(&mut self) {
        // Tasks are not children of ours: they must end before the daemon that can end them.
        let start = Instant::now();
        if self.has_jobs() {
            let _ = self.client("scancel").args(["--name", JOB]).status();
        }
        while self.has_jobs() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(200));
        }
        for daemon in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

/// This machine as a node.
struct Node {
    name: String,
    user: String,
    cores: usize,
    memory_mb: u64,
}

impl Node {
    fn here(project: &Project) -> Result<Self> {
        let name = proc::read("/proc/sys/kernel/hostname")?;
        let name = name.trim().split('.').next().unwrap_or_default().to_owned();
        let memory = proc::read("/proc/meminfo")?;
        let kibibytes = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
        let kibibytes: u64 =
            kibibytes.and_then(|text| text.trim().parse().ok()).context("MemTotal is a number of kB")?;
        // A node that has less than it says is not used; some is left for the system.
        let (user, cores) = (printed(project, "id", "-un")?, files::cores());
        Ok(Self { name, user, cores, memory_mb: kibibytes / 1024 * 9 / 10 })
    }

    /// `slurm.conf`, see slurm.conf(5): no accounting, no cgroups, no systemd, other ports than a cluster that may be here.
    fn configuration(&self, folder: &Path) -> String {
        let Self { name, user, cores, memory_mb } = self;
        let folder = folder.display();
        format!(
            "ClusterName=leq\n\
             SlurmctldHost={name}(127.0.0.1)\n\
             SlurmctldPort=16817\n\
             SlurmdPort=16818\n\
             SlurmUser={user}\n\
             SlurmdUser={user}\n\
             AuthType=auth/munge\n\
             AuthInfo=socket={folder}/munge.socket\n\
             StateSaveLocation={folder}/state\n\
             SlurmdSpoolDir={folder}/spool\n\
             SlurmctldPidFile={folder}/slurmctld.pid\n\
             SlurmdPidFile={folder}/slurmd.pid\n\
             SlurmctldLogFile={folder}/slurmctld.log\n\
             SlurmdLogFile={folder}/slurmd.log\n\
             MailProg=/bin/true\n\
             MpiDefault=none\n\
             ProctrackType=proctrack/linuxproc\n\
             TaskPlugin=task/none\n\
             SelectType=select/cons_tres\n\
             SelectTypeParameters=CR_CPU\n\
             SlurmdParameters=config_overrides\n\
             ReturnToService=2\n\
             KillWait=5\n\
             NodeName={name} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory_mb} State=UNKNOWN\n\
             PartitionName=leq Nodes={name} Default=YES MaxTime=INFINITE State=UP\n"
        )
    }
}

/// `cgroup.conf`, see cgroup.conf(5): a node's daemon looks for cgroups even where nothing uses them. Since 23.02 it can be told
/// not to, and since 22.05 not to ask systemd for them; before, it does not.
fn cgroups(version: &str) -> &'static str {
    let mut numbers = version.rsplit(' ').next().unwrap_or_default().split('.');
    let mut number = || numbers.next().and_then(|number| number.parse::<u32>().ok()).unwrap_or(0);
    match (number(), number()) {
        (23.., _) => "CgroupPlugin=disabled\n",
        (22, 5..) => "IgnoreSystemd=yes\n",
        _ => "",
    }
}

/// What a program prints, without the line break at its end.
fn printed(project: &Project, name: &str, option: &str) -> Result<String> {
    Ok(run::output(project, program(project, name).arg(option))?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_this_machine_as_its_only_node() {
        let node = Node { name: "box".into(), user: "root".into(), cores: 2, memory_mb: 7000 };
        let text = node.configuration(Path::new("/work/slurm"));
        for line in [
            "SlurmctldHost=box(127.0.0.1)",
            "AuthInfo=socket=/work/slurm/munge.socket",
            "NodeName=box NodeAddr=127.0.0.1 CPUs=2 RealMemory=7000 State=UNKNOWN",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn cgroups_are_left_alone_as_the_version_allows() {
        assert_eq!(cgroups("slurm-wlm 22.05.8"), "IgnoreSystemd=yes\n");
        assert_eq!(cgroups("slurm 24.11.5"), "CgroupPlugin=disabled\n");
        assert_eq!(cgroups("slurm-wlm 21.08.5"), "");
    }

    #[test]
    fn the_jobs_are_called_as_the_script_calls_them() {
        let script = std::fs::read_to_string(Project::here().root.join("docs/clusters/batch-array.sh")).unwrap();
        assert!(script.contains(&format!("#SBATCH --job-name={JOB}\n")));
    }
}
