; The installer for Windows: for one person, without an administrator. Made by make_installer.py.
;   /S          installs without a window
;   /PATH       with the entry in PATH
;   /D=FOLDER   elsewhere; the last argument, without quotes

Target amd64-unicode
Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
!ifdef QUICK
  SetCompress off
!else
  SetCompressor /SOLID lzma
!endif

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "${FILES}" ; RemoveFiles

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Nameplate"
!define CLASSES "Software\Classes"
!define KIND "Nameplate.Project"
!define WINDOW "nameplate-window.exe"

Name "Nameplate"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Nameplate"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
BrandingText "Nameplate ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Nameplate"
VIAddVersionKey "FileDescription" "Nameplate"
VIAddVersionKey "CompanyName" "The Nameplate developers"
VIAddVersionKey "LegalCopyright" "The Nameplate developers. Apache-2.0."
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${WINDOW}"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English" ; the first is for those whose language is none of these
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "Japanese"
!insertmacro MUI_LANGUAGE "SimpChinese"
!include "texts.nsh"

Section "Nameplate"
  SectionIn RO
  Call RemoveOlder
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Nameplate.lnk" "$INSTDIR\${WINDOW}"

  WriteRegStr HKCU "${CLASSES}\.nameplate" "" "${KIND}"
  WriteRegStr HKCU "${CLASSES}\${KIND}" "" "$(ProjectType)"
  WriteRegStr HKCU "${CLASSES}\${KIND}\DefaultIcon" "" "$INSTDIR\${WINDOW},0"
  WriteRegStr HKCU "${CLASSES}\${KIND}\shell\open\command" "" '"$INSTDIR\${WINDOW}" "%1"'
  Call ChangedTypes

  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Nameplate"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${WINDOW}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Nameplate developers"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section /o "$(PathEntry)" InPath
  nsExec::Exec '"$INSTDIR\nameplate.exe" --path-entry add'
  Pop $0
  Call ChangedEnvironment
SectionEnd

Section "Uninstall"
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/UPGRADE" $1
  ${If} ${Errors} ; a newer version keeps the entry
    nsExec::Exec '"$INSTDIR\nameplate.exe" --path-entry remove'
    Pop $0
    Call un.ChangedEnvironment
  ${EndIf}
  !insertmacro RemoveFiles ; what was installed, file by file; projects and pictures are elsewhere
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Nameplate.lnk"
  ReadRegStr $0 HKCU "${CLASSES}\.nameplate" ""
  ${If} $0 == "${KIND}"
    DeleteRegKey HKCU "${CLASSES}\.nameplate"
  ${EndIf}
  DeleteRegKey HKCU "${CLASSES}\${KIND}"
  DeleteRegKey HKCU "${UNINSTALL}"
  Call un.ChangedTypes
SectionEnd

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "$(TooOld)" /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/PATH" $1
  ${IfNot} ${Errors}
    !insertmacro SelectSection ${InPath}
  ${EndIf}
FunctionEnd

; A file of a program that runs cannot be replaced.
!macro RequireClosed NAME
Function ${NAME}RequireClosed
  again:
  IfFileExists "$INSTDIR\python313.dll" 0 closed
  ClearErrors
  FileOpen $0 "$INSTDIR\python313.dll" a
  ${If} ${Errors}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY again
    SetErrorLevel 4
    Quit
  ${EndIf}
  FileClose $0
  closed:
FunctionEnd
!macroend
!insertmacro RequireClosed ""
!insertmacro RequireClosed "un."

; An older version knows its files; an uninstaller that is run from where it is waits for its end.
Function RemoveOlder
  Call RequireClosed
  ${If} ${FileExists} "$INSTDIR\uninstall.exe"
    ExecWait '"$INSTDIR\uninstall.exe" /S /UPGRADE _?=$INSTDIR'
  ${EndIf}
FunctionEnd

Function un.onInit
  Call un.RequireClosed
FunctionEnd

!macro Changed NAME
Function ${NAME}ChangedTypes ; SHCNE_ASSOCCHANGED: icons are drawn anew
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
FunctionEnd
Function ${NAME}ChangedEnvironment ; consoles that are opened from now on know it
  SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
FunctionEnd
!macroend
!insertmacro Changed ""
!insertmacro Changed "un."
