// The commands of secrets, which another person may have written.
import { CommandFailed, SecretCommands } from "../../core/secret-command";

/** Runs no command. */
class NoCommands extends SecretCommands {
    override output(): Promise<string> {
        return Promise.reject(
            new CommandFailed(
                "command-refused",
                "is not run, because the author of the file or the state that names it has chosen it.",
                "Look at it there, then allow it with --allow-commands.",
            ),
        );
    }
}

/** Runs the commands of a file or a state: none where the person who runs this has not allowed it. */
export const commandsOfOthers = (isAllowed = false): SecretCommands =>
    isAllowed ? new SecretCommands() : new NoCommands();
