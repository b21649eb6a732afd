// A language host older than the engine, with what it lacks: `pulumi package gen-sdk` and `pulumi package add`. For tests, where only old
// hosts can be built from Go modules. The generators are those of the engine's own version.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	pygen "github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pb "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"golang.org/x/mod/modfile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

const prefix = "pulumi-language-"

type host struct {
	pb.UnimplementedLanguageRuntimeServer
	language string
	engine   string
	start    sync.Mutex
	old      pb.LanguageRuntimeClient
	process  *exec.Cmd
}

// Starts the old host, which has a program's options as flags; new engines pass them with each call.
func (h *host) behind(info *pb.ProgramInfo) (pb.LanguageRuntimeClient, error) {
	h.start.Lock()
	defer h.start.Unlock()
	if h.old != nil {
		return h.old, nil
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var args []string
	for name, value := range info.GetOptions().AsMap() {
		if (h.language == "go" && name == "binary") || (h.language == "python" && name == "virtualenv") {
			args = append(args, fmt.Sprintf("-%s=%v", name, value))
		}
	}
	if h.language == "python" {
		args = append(args, "-root="+info.GetRootDirectory())
	}
	h.process = exec.Command(filepath.Join(filepath.Dir(self), "old", prefix+h.language), append(args, h.engine)...)
	h.process.Stderr = os.Stderr
	output, err := h.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.process.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(output)
	port, err := lines.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s of the engine before: %w", prefix+h.language, err)
	}
	go io.Copy(os.Stdout, lines) //nolint:errcheck
	connection, err := grpc.NewClient("127.0.0.1:"+strings.TrimSpace(port),
		grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
	if err != nil {
		return nil, err
	}
	h.old = pb.NewLanguageRuntimeClient(connection)
	return h.old, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pb.PluginInfo, error) {
	return &pb.PluginInfo{Version: "0.0.0"}, nil
}

func (h *host) GetRequiredPlugins(ctx context.Context, request *pb.GetRequiredPluginsRequest) (*pb.GetRequiredPluginsResponse, error) {
	old, err := h.behind(request.GetInfo())
	if err != nil {
		return nil, err
	}
	return old.GetRequiredPlugins(ctx, request)
}

func (h *host) Run(ctx context.Context, request *pb.RunRequest) (*pb.RunResponse, error) {
	old, err := h.behind(request.GetInfo())
	if err != nil {
		return nil, err
	}
	return old.Run(ctx, request)
}

func (h *host) InstallDependencies(request *pb.InstallDependenciesRequest, answers pb.LanguageRuntime_InstallDependenciesServer) error {
	old, err := h.behind(request.GetInfo())
	if err != nil {
		return err
	}
	from, err := old.InstallDependencies(answers.Context(), request)
	if err != nil {
		return err
	}
	for {
		message, err := from.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := answers.Send(message); err != nil {
			return err
		}
	}
}

func (h *host) GeneratePackage(_ context.Context, request *pb.GeneratePackageRequest) (*pb.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(request.LoaderTarget)
	if err != nil {
		return nil, err
	}
	loader := schema.NewCachedLoader(client)
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(request.Schema), &spec); err != nil {
		return nil, err
	}
	described, problems, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	if problems.HasErrors() {
		return nil, problems
	}
	var files map[string][]byte
	switch h.language {
	case "python":
		files, err = pygen.GeneratePackage(prefix+h.language, described, request.ExtraFiles, loader)
	case "go":
		files, err = gogen.GeneratePackage(prefix+h.language, described, request.LocalDependencies)
	}
	if err != nil {
		return nil, err
	}
	for name, content := range files {
		file := filepath.Join(request.Directory, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return nil, err
		}
	}
	return &pb.GeneratePackageResponse{}, nil
}

// Names a generated SDK among the program's dependencies, as the hosts of the engine's version do.
func (h *host) Link(ctx context.Context, request *pb.LinkRequest) (*pb.LinkResponse, error) {
	folder := request.GetInfo().GetProgramDirectory()
	for _, one := range request.GetPackages() {
		generated := filepath.Join(folder, one.GetPath())
		var err error
		switch local := "./" + filepath.ToSlash(one.GetPath()); h.language {
		case "python":
			err = appendLine(filepath.Join(folder, "requirements.txt"), local)
		case "go":
			var content []byte
			if content, err = os.ReadFile(filepath.Join(generated, "go.mod")); err == nil {
				err = run(ctx, folder, "go", "mod", "edit", "-replace", modfile.ModulePath(content)+"="+local)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return &pb.LinkResponse{}, nil
}

func run(ctx context.Context, folder string, program string, args ...string) error {
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = folder
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, output)
	}
	return nil
}

func appendLine(file string, line string) error {
	content, err := os.ReadFile(file)
	if err != nil || strings.Contains("\n"+string(content)+"\n", "\n"+line+"\n") {
		return err
	}
	return os.WriteFile(file, []byte(strings.TrimRight(string(content), "\n")+"\n"+line+"\n"), 0o644)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "the engine's address is needed")
		os.Exit(2)
	}
	engine := os.Args[len(os.Args)-1]
	h := &host{language: strings.TrimPrefix(filepath.Base(os.Args[0]), prefix), engine: engine}
	ended := make(chan bool)
	if err := rpcutil.Healthcheck(context.Background(), engine, 5*time.Minute, func() { close(ended) }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	served, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: ended,
		Init: func(server *grpc.Server) error {
			pb.RegisterLanguageRuntimeServer(server, h)
			return nil
		},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d\n", served.Port)
	<-served.Done
}
