/* Starts Nameplate: the Python beside this program runs start.py, in this process, with its arguments.

   Compiled twice, with a console (nameplate.exe) and without (nameplate-window.exe). */
#include <stdio.h>
#include <windows.h>
#include <shellapi.h>

#define LONGEST 32768 /* characters of a path, with the end */
#define PYTHON L"python313.dll"

typedef int (*Main)(int, wchar_t **);

static int fail(const wchar_t *what)
{
    static wchar_t text[LONGEST + 200];
    _snwprintf(text, LONGEST + 199, L"Nameplate cannot start: %ls. Install it again.", what);
    if (GetConsoleWindow())
        fwprintf(stderr, L"%ls\n", text);
    else
        MessageBoxW(NULL, text, L"Nameplate", MB_ICONERROR);
    return 3;
}

int wmain(void)
{
    static wchar_t folder[LONGEST], python[LONGEST + 20], start[LONGEST + 20];
    DWORD length = GetModuleFileNameW(NULL, folder, LONGEST);
    while (length && folder[length - 1] != L'\\')
        length--;
    folder[length] = 0;
    wcscat(wcscpy(python, folder), PYTHON);
    wcscat(wcscpy(start, folder), L"start.py");

    HMODULE library = LoadLibraryExW(python, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    Main run = library ? (Main)(void *)GetProcAddress(library, "Py_Main") : NULL;
    if (!run)
        return fail(L"" PYTHON L" is missing or damaged");

    int count, used = 0;
    wchar_t **given = CommandLineToArgvW(GetCommandLineW(), &count);
    wchar_t **all = given ? calloc(count + 4, sizeof *all) : NULL;
    if (!all)
        return fail(L"there is not enough memory");
    all[used++] = given[0];
    all[used++] = L"-X"; /* whatever the code page: files and pipes are UTF-8 */
    all[used++] = L"utf8";
    all[used++] = start;
    for (int i = 1; i < count; i++)
        all[used++] = given[i];
    return run(used, all);
}
